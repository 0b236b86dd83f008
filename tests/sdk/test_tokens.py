"""Personal access tokens: `tokens`, `jwt_settings`, and the SDK signed in with one."""

import time
from contextlib import suppress

import httpx
import jwt
import pytest
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

from blocking import blocking
from checks import refused


def claims(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
def person(new_person):
    return new_person("AN")


@pytest.fixture
def by_legacy(server, person):
    """The SDK as the person, by their legacy token."""
    return server.client(server.token_of(person.email))


@pytest.fixture
def personal(by_legacy) -> str:
    """A personal access token of the person."""
    return by_legacy.tokens.create().token


def test_create_list_and_one_at_a_time(by_legacy, person):
    assert by_legacy.tokens.list() == []
    made = by_legacy.tokens.create()
    said = claims(made.token)
    assert (said["token_type"], said["user_id"]) == ("refresh", person.id) and said.keys() == {"token_type", "exp", "iat", "jti", "user_id"}
    assert round((said["exp"] - said["iat"]) / 86400) == 73000
    (listed,) = by_legacy.tokens.list()
    assert listed.token == made.token.rpartition(".")[0]
    assert (listed.created_at, listed.expires_at) == (made.created_at, made.expires_at)
    with refused(409) as caught:
        by_legacy.tokens.create(request_options={"max_retries": 0})
    assert caught.value.body["status_code"] == 409


def test_the_sdk_signs_in_with_one(server, person, personal):
    ls = server.client(personal)
    assert ls.users.whoami().id == person.id
    assert ls.users.update_current_user(first_name="Zoë").first_name == "Zoë"
    for signed in blocking(server.url, personal):
        assert signed.users.whoami().id == person.id


def test_x_api_key(server, person, personal):
    access = server.client(personal).tokens.refresh(refresh=personal).access
    assert 0 < claims(access)["exp"] - time.time() <= 300
    for key in (personal, access):  # the SDK exchanges the first by itself
        ls = LabelStudio(base_url=server.url, api_key="unused", headers={"X-API-Key": key})
        assert ls.users.whoami().id == person.id
    for header in ({"X-API-Key": personal}, {"Authorization": f"Bearer {personal}"}):
        assert httpx.get(f"{server.url}/api/current-user/whoami", headers=header).status_code == 401


def test_rotate(server, person, personal):
    old, signed_in = server.client(personal), server.client(personal)
    assert signed_in.users.whoami().id == person.id
    new = old.tokens.rotate(refresh=personal).refresh
    assert server.client(new).users.whoami().id == person.id
    with refused(401):
        server.client(personal).users.whoami()
    with refused(401):  # what it was exchanged for before ends too
        signed_in.users.whoami()
    with refused(400):
        server.client(new).tokens.rotate(refresh=personal)
    with refused(400):
        server.client(new).tokens.rotate(refresh="garbage")


@pytest.mark.parametrize("form", [str, lambda token: token.rpartition(".")[0]], ids=["whole", "truncated"])
def test_blacklist(server, by_legacy, personal, form):
    by_legacy.tokens.blacklist(refresh=form(personal))
    assert by_legacy.tokens.list() == []
    with refused(401):
        server.client(personal).users.whoami()
    with refused(404):
        by_legacy.tokens.blacklist(refresh=form(personal))
    assert by_legacy.tokens.create().token != personal


def test_the_command_line_prints_one(server, person):
    token = server.token_of(person.email, "--personal")
    assert server.client(token).users.whoami().id == person.id
    replaced = server.token_of(person.email, "--personal", "--reset")
    with refused(401):
        server.client(token).users.whoami()
    assert server.client(replaced).users.whoami().id == person.id


def test_deactivated_at_once(ls, server, organization, person, personal):
    theirs = server.client(personal)
    assert theirs.users.whoami().id == person.id
    ls.organizations.members.update(organization, user_id=person.id, role="DI")
    with refused(401):
        theirs.users.whoami()
    ls.organizations.members.update(organization, user_id=person.id, role="RE")
    assert theirs.users.whoami().organization_membership.role == "RE"


def test_settings(ls, server, by_legacy, person, personal):
    usual = ls.jwt_settings.get()
    assert (usual.api_tokens_enabled, usual.legacy_api_tokens_enabled, usual.api_token_ttl_days) == (True, True, 73000)
    signed_in, owner = server.client(personal), server.client(ls.tokens.create().token)
    assert signed_in.users.whoami().id == person.id
    try:
        owner.jwt_settings.update(api_token_ttl_days=7, legacy_api_tokens_enabled=False)
        with refused(401) as caught:
            by_legacy.users.whoami()
        assert "legacy" in caught.value.body["detail"]
        new = signed_in.tokens.rotate(refresh=personal).refresh
        assert claims(new)["exp"] - claims(new)["iat"] == 7 * 86400
        owner.jwt_settings.update(api_token_ttl_days=7, legacy_api_tokens_enabled=True)
        ls.jwt_settings.update(api_token_ttl_days=7, api_tokens_enabled=False)
        with refused(401) as caught:
            owner.users.whoami()
        assert "personal" in caught.value.body["detail"]
        with pytest.raises(ApiError, match="personal"):  # the refresh is refused too
            server.client(new).users.whoami()
        assert by_legacy.users.whoami().id == person.id
    finally:  # whichever token may
        for signed in (owner, ls):
            with suppress(ApiError):
                signed.jwt_settings.update(api_token_ttl_days=73000, api_tokens_enabled=True, legacy_api_tokens_enabled=True)
    assert ls.jwt_settings.get() == usual
    with refused(400, "api_token_ttl_days"):
        ls.jwt_settings.update(api_token_ttl_days=0)
    with refused(403):
        by_legacy.jwt_settings.get()
