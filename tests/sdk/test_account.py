"""Signing in, one's own account, and people's accounts: `users`."""

import httpx
import pytest
from label_studio_sdk import LabelStudio

from checks import refused
from server import OWNER


def test_whoami_says_who_and_what_they_may_do(either, organization):
    me = either.users.whoami()
    assert me.email == OWNER
    assert (me.organization_membership.role, me.organization_membership.organization_id) == ("OW", organization)
    assert {"projects.members", "organizations.change"} <= set(me.permissions)
    assert either.users.get_current_user().id == me.id


def test_every_way_to_send_a_token(server):
    as_api_key = server.client()
    as_header = LabelStudio(base_url=server.url, api_key="unused", headers={"X-API-Key": server.token})
    with httpx.Client(headers={"X-API-Key": server.token}) as transport:
        as_transport = LabelStudio(base_url=server.url, api_key="unused", httpx_client=transport)
        assert {ls.users.whoami().email for ls in (as_api_key, as_header, as_transport)} == {OWNER}


@pytest.mark.parametrize("headers", [None, {"X-API-Key": "0" * 40}])
def test_a_wrong_token_is_401(server, headers):
    with refused(401) as caught:
        LabelStudio(base_url=server.url, api_key="0" * 40, headers=headers).users.whoami()
    assert caught.value.headers["www-authenticate"] == "Token"
    assert caught.value.body["detail"] == "Invalid token."


def test_reset_token_ends_the_old_one(server, new_person):
    email = new_person().email
    old = server.token_of(email)
    assert server.client(old).users.get_token().detail == old
    new = server.client(old).users.reset_token().token
    assert new != old
    assert server.client(new).users.whoami().email == email
    with refused(401):
        server.client(old).users.whoami()


def test_update_current_user(server, new_person):
    person = new_person(first_name="Before", last_name="Same")
    theirs = server.client(server.token_of(person.email))
    assert theirs.users.update_current_user(first_name="Zoë").first_name == "Zoë"
    me = theirs.users.get_current_user()
    assert (me.id, me.first_name, me.last_name) == (person.id, "Zoë", "Same")


def test_create_get_and_update_a_person(either, organization):
    email = f"ada-{id(either)}@example.com"
    made = either.users.create(username=email, email=email, first_name="Ada", last_name="Lovelace", phone="+44 1")
    assert (made.email, made.first_name, made.active_organization) == (email, "Ada", organization)
    changed = either.users.update(made.id, first_name="Augusta Ada", phone="")
    assert (changed.first_name, changed.last_name, changed.phone) == ("Augusta Ada", "Lovelace", "")
    got = either.users.get(made.id)
    assert (got.first_name, got.initials, got.organization_membership.active) == ("Augusta Ada", "AL", True)
    with refused(400, "email"):
        either.users.create(username=email, email=email.upper())


def test_what_users_do_not_allow(ls, new_person):
    person = new_person()
    with refused(405):
        ls.users.update(person.id, request_options={"additional_body_parameters": {"email": "other@example.com"}})
    with refused(405):
        ls.users.delete(person.id)
    with refused(404):
        ls.users.get(2**31 - 1)
    assert ls.users.get(person.id).email == person.email


def test_list_is_everybody_at_once(ls, people):
    listed = ls.users.list()
    assert isinstance(listed, list)
    assert {p.user.id: p.user.email for p in people}.items() <= {u.id: u.email for u in listed}.items()
