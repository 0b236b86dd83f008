"""People's accounts and credentials, and who may sign in how."""

from datetime import datetime, timedelta, timezone
from uuid import uuid4

from recorder import Client
from story import drives, ids
from world import CREDENTIALS, answered, refused, value


@drives(*(f"users.{name}" for name in "create get list update delete whoami".split()))
def users(w):
    email = f"u-{uuid4().hex[:10]}@example.com"
    user = w("users.create", username=email, email=email, first_name="Ada")
    assert w("users.get", user.id).email == email
    assert user.id in ids(w("users.list"))
    assert w("users.update", user.id, last_name="Byron").last_name == "Byron"
    assert w("users.whoami").id == w.me["id"]
    with refused(405):  # people leave by organizations.members.delete
        w("users.delete", user.id)
    assert w("users.get", user.id).last_name == "Byron"


@drives("users.get_current_user", "users.update_current_user", "users.get_hotkeys", "users.update_hotkeys")
def my_account(w):
    if w.has("users.get_current_user"):
        assert w("users.get_current_user").id == w.me["id"]
        assert w("users.update_current_user", phone="1").phone == "1"
        assert w("users.update_current_user", phone="").phone == ""
    if w.has("users.get_hotkeys"):
        keys = {"image:zoom": {"key": "z"}}
        assert w("users.update_hotkeys", custom_hotkeys=keys).custom_hotkeys == keys
        assert w("users.get_hotkeys").custom_hotkeys == keys
        if w.takes("users.get_hotkeys", "project"):
            project, other = w.project(), {"image:zoom": {"key": "y"}}
            assert w("users.get_hotkeys", project=project).custom_hotkeys == {}
            assert w("users.update_hotkeys", project=project, custom_hotkeys=other).custom_hotkeys == other
            assert w("users.get_hotkeys", project=project).custom_hotkeys == other
            assert w("users.get_hotkeys").custom_hotkeys == keys
        assert w("users.update_hotkeys", custom_hotkeys={}).custom_hotkeys == {}


@drives("users.get_token", "users.reset_token")
def legacy_tokens(w):
    email = w.person("MA")["email"]
    theirs = w.client(email)
    before = value(theirs.call("users.get_token"), "detail")
    after = value(theirs.call("users.reset_token"), "token")
    assert before != after and len(after) == 40
    for token, status in (before, 401), (after, 200):
        answer = w.http.get("/api/current-user/whoami", headers={"Authorization": f"Token {token}"})
        assert answer.status_code == status


@drives("tokens.create", "tokens.list", "tokens.refresh", "tokens.rotate", "tokens.blacklist")
def personal_tokens(w):
    theirs = w.client(w.person("MA")["email"])
    if "personal" in w.credential:
        with refused(409):  # they came with one
            theirs.call("tokens.create")
        token = w.keys[next(reversed(w.keys))]
    else:
        token = theirs.call("tokens.create").token
    (listed,) = theirs.call("tokens.list")
    assert value(listed, "token") == token.rpartition(".")[0]  # without the signature
    fresh = value(theirs.call("tokens.rotate", refresh=token), "refresh")
    assert fresh != token
    renewed = Fresh(w, fresh)
    assert renewed.works(renewed.call("tokens.refresh", refresh=fresh).access)
    with answered(204):
        renewed.call("tokens.blacklist", refresh=fresh)
    assert w.http.post("/api/token/refresh/", json={"refresh": fresh}).status_code == 401


class Fresh:
    """The same person with the token that took the place of the one they came with."""

    def __init__(self, w, token: str):
        kind = "X-API-Key, personal" if w.credential.startswith("X-API-Key") else "personal access token"
        self.w = w
        self.client = Client(w.asynchronous, w.calls, w.requests, base_url=w.server.url, **CREDENTIALS[kind](lambda *_: token))
        w.clients.append(self.client)

    def call(self, name: str, **kwargs):
        return self.client.call(name, **kwargs)

    def works(self, access: str) -> bool:
        answer = self.w.http.get("/api/current-user/whoami", headers={"Authorization": f"Bearer {access}"})
        return answer.status_code == 200


@drives("jwt_settings.get", "jwt_settings.update")
def token_settings(w):
    before = w("jwt_settings.get")
    assert before.api_tokens_enabled and before.legacy_api_tokens_enabled
    kept = dict(api_tokens_enabled=True, legacy_api_tokens_enabled=True)
    assert w("jwt_settings.update", api_token_ttl_days=30, **kept).api_token_ttl_days == 30
    assert w("jwt_settings.get").api_token_ttl_days == 30
    w("jwt_settings.update", api_token_ttl_days=before.api_token_ttl_days, **kept)
    with refused(400):
        w("jwt_settings.update", api_token_ttl_days=0, **kept)


@drives("session_policy.get", "session_policy.update")
def session_policy(w):
    if not w.has("session_policy.get"):
        return
    before = w("session_policy.get")
    assert w("session_policy.update", max_session_age=60).max_session_age == 60
    w("session_policy.update", max_session_age=before.max_session_age)
    assert w("session_policy.get").max_session_age == before.max_session_age
    with refused(400):
        w("session_policy.update", max_session_age=0)


@drives("activity_logs.list")
def activity_log(w):
    if not w.has("activity_logs.list"):
        return
    since = (datetime.now(timezone.utc) - timedelta(days=1)).isoformat()
    logged = w("activity_logs.list", start_date=since, page_size=5)
    page = logged[0] if isinstance(logged, list) else logged
    assert value(page, "recordsTotal" if isinstance(page, dict) or hasattr(page, "recordsTotal") else "records_total") >= 0
    with refused(400):
        w("activity_logs.list", start_date="yesterday")


@drives("sso.scim.get", "sso.scim.update")
def scim_settings(w):
    room = w.ask("POST", "/api/workspaces/", title=f"Room {uuid4().hex[:8]}")["title"]
    w("sso.scim.update", roles_groups=[["Annotator", "people"]], workspaces_groups=[[room, "room"]])
    kept = w("sso.scim.get")
    assert (kept.roles_groups, kept.workspaces_groups) == ([["Annotator", "people"]], [[room, "room"]])
    w("sso.scim.update", roles_groups=[], workspaces_groups=[])
    assert w("sso.scim.get").roles_groups == []
    with refused(400):
        w("sso.scim.update", workspaces_groups=[["No such room", "x"]])


@drives("sso.saml.get", "sso.saml.update", "sso.saml.reset", "sso.saml.validate_metadata_url")
def saml_settings(w):
    domain = f"{uuid4().hex[:10]}.example"
    changed = w("sso.saml.update", domain=domain, mapping_email="mail", roles_groups=[["Annotator", "people"]])
    assert (changed.domain, changed.mapping_email) == (domain, "mail")
    kept = w("sso.saml.get")
    assert (kept.domain, kept.roles_groups, kept.acs_url) == (domain, [["Annotator", "people"]], None)
    with refused(400):
        w("sso.saml.update", metadata_url="ftp://idp.example/metadata")
    if w.has("sso.saml.reset"):
        assert w("sso.saml.validate_metadata_url", metadata_url="https://idp.example/metadata").valid
        assert not w("sso.saml.validate_metadata_url", metadata_url="http://idp.example/metadata").valid
        w("sso.saml.reset")
    else:
        w.ask("DELETE", "/api/saml/settings")
    assert w("sso.saml.get").roles_groups == []


@drives("versions.get")
def version(w):
    assert value(w("versions.get"), "release")
