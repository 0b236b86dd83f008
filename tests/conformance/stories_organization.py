"""The organization, its people, tags, invitations and permissions, and workspaces."""

from uuid import uuid4

from story import drives, ids
from world import csv, refused, rows, value


@drives("organizations.list", "organizations.get", "organizations.update", "organizations.update_default_role")
def organization(w):
    assert ids(w("organizations.list")) == {w.organization}
    before = w("organizations.get", w.organization)
    assert before.id == w.organization
    if w.has("organizations.update"):
        assert w("organizations.update", w.organization, title="Renamed").title == "Renamed"
        assert w("organizations.update", w.organization, title=before.title).title == before.title
    if w.has("organizations.update_default_role"):
        # some versions insist on sending the organization, which the path says too
        asked = dict(default_role="AN", organization=w.organization)
        assert w("organizations.update_default_role", w.organization, **asked).default_role == "AN"
    with refused(404):
        w("organizations.get", w.organization + 1)


@drives("billing.info")
def seats(w):
    report = w.ask("GET", f"/api/organizations/{w.organization}/seat-report?counts_toward_seat_limit=true&page_size=1")
    users = value(value(w("billing.info"), "billing_checks"), "users")
    assert (value(users, "count"), value(users, "reached")) == (report["count"], False)


@drives("organizations.members.list", "organizations.members.get", "organizations.members.update", "organizations.members.delete")
def organization_members(w):
    person = w.person()

    def found(**query) -> list:
        return rows(w("organizations.members.list", w.organization, search=person["email"], **query))

    (row,) = found()
    assert value(value(row, "user"), "id") == person["id"]
    assert w("organizations.members.get", w.organization, person["id"]).user == person["id"]
    w("organizations.members.update", w.organization, user_id=person["id"], role="RE")
    assert value(found()[0], "role") == "RE"
    w("organizations.members.delete", w.organization, person["id"])
    assert found() == []
    with refused(404):
        w("organizations.members.delete", w.organization, person["id"])
    with refused(405):
        w("organizations.members.delete", w.organization, w.me["id"])


@drives(
    "organizations.members.get_filter_schema",
    "organizations.members.search",
    "organizations.members.list_filtered",
    "organizations.api_organizations_memberships_filter_options_membership_list",
    "organizations.api_organizations_memberships_filter_options_skills_list",
)
def people_searched(w):
    if not w.has("organizations.members.search"):
        return
    person, project = w.person(), w.project()
    schema = w("organizations.members.get_filter_schema", w.organization)
    assert {"role", "search", "tags"} <= {f["name"] for f in value(schema, "filters")}
    hits = w("organizations.members.search", w.organization, filters={"search": person["email"]})
    assert [hit["user"]["id"] for hit in value(hits, "results")] == [person["id"]]
    page = w("organizations.members.list_filtered", w.organization, filters='{"role": "AN"}', search=person["email"])
    assert [row.user.id for row in rows(page)] == [person["id"]]
    with refused(400):
        w("organizations.members.search", w.organization, filters={"colour": "red"})
    title = w.ask("GET", f"/api/projects/{project}/")["title"]
    options = w("organizations.api_organizations_memberships_filter_options_membership_list", w.organization, search=title)
    assert [(o.kind, o.id) for o in options] == [("project", project)]
    assert w("organizations.api_organizations_memberships_filter_options_skills_list", w.organization) == []


@drives("organizations.reset_token", "organizations.invites.get_invite_link")
def invite_link(w):
    token = value(w("organizations.reset_token"), "token")
    assert len(token) > 20 and value(w("organizations.reset_token"), "token") != token
    if w.has("organizations.invites.get_invite_link"):
        link = w("organizations.invites.get_invite_link")
        assert link.token and link.invite_url.endswith(link.token)


@drives("organizations.invites.send_email", "organizations.invites.revoke_invite")
def invitations(w):
    if not w.has("organizations.invites.send_email"):
        return
    email, project = f"guest-{uuid4().hex[:10]}@example.com", w.project()

    def states() -> list[str]:
        listed = w.ask("GET", "/api/roster/invitations/?page_size=100")["results"]
        return [i["state"] for i in listed if i["email"] == email]

    w("organizations.invites.send_email", emails=[email], role="AN", projects=[project])
    assert states() == ["open"]
    w("organizations.invites.revoke_invite", email=email)
    assert states() == ["revoked"]
    with refused(400):
        w("organizations.invites.send_email", emails=["no address"], role="AN")


TAGS = "organizations.member_tags."


@drives(*(TAGS + name for name in "create get list update delete bulk.post bulk.delete".split()))
def tags(w):
    if not w.has(TAGS + "create"):
        return
    label = f"tag {uuid4().hex[:10]}"
    tag = w(TAGS + "create", w.organization, label=label)
    assert tag.label == label and w(TAGS + "get", w.organization, tag.id).label == label
    assert w(TAGS + "update", w.organization, tag.id, label=label + "!").label == label + "!"
    assert ids(rows(w(TAGS + "list", w.organization, search=label))) == {tag.id}
    w(TAGS + "delete", w.organization, tag.id)
    assert rows(w(TAGS + "list", w.organization, search=label)) == []
    assert value(w(TAGS + "bulk.post", w.organization, labels=[label + "a", label + "b"]), "created") == 2
    made = [value(t, "id") for t in rows(w(TAGS + "list", w.organization, search=label))]
    chosen = ",".join(map(str, made)) if w.takes(TAGS + "bulk.delete", "ids") else made
    assert value(w(TAGS + "bulk.delete", w.organization, ids=chosen), "deleted") == 2


@drives(TAGS + "assign", TAGS + "import_", TAGS + "get_import")
def tagged_people(w):
    if not w.has(TAGS + "assign"):
        return
    person, label = w.person(), f"tag {uuid4().hex[:10]}"
    tag = w.ask("POST", f"/api/organizations/{w.organization}/member-tags", label=label)["id"]
    if not w.takes(TAGS + "assign", "all_"):
        # the form of January 2026, which the original took back: refused, with the field named
        with refused(400) as caught:
            w(TAGS + "assign", w.organization, assignments=[{"user_id": person["id"], "tag_ids": [tag]}])
        assert "all" in caught.value.body["validation_errors"]
        return
    asked = dict(all_=False, included=[person["id"]], bulk_organization_member_tag_assignment_request_tags=[tag])
    assert value(w(TAGS + "assign", w.organization, **asked), "assigned") == 1
    (row,) = w.ask("GET", f"/api/organizations/{w.organization}/memberships?search={person['email']}")["results"]
    assert [t["id"] for t in row["tags"]] == [tag]
    job = w(TAGS + "import_", w.organization, file=csv(f"email,tags\n{person['email']},{label}x\n"), bulk_tags="")
    state = w(TAGS + "get_import", w.organization, value(job, "import_") if hasattr(job, "import_") else value(job, "import"))
    assert state.status in ("created", "in_progress", "completed")


PERMISSIONS = "organizations.permissions."


@drives(*(PERMISSIONS + name for name in "create get get_options list replace update delete".split()))
def permissions(w):
    if not w.has(PERMISSIONS + "create"):
        return
    key = "projects.delete"
    assert key in {o.permission for o in w(PERMISSIONS + "get_options", w.organization)}
    assert w(PERMISSIONS + "create", w.organization, permission=key, roles=["AD"]).roles == ["AD"]
    assert [p.permission for p in w(PERMISSIONS + "list", w.organization)] == [key]
    assert w(PERMISSIONS + "replace", w.organization, key, permission=key, roles=["AD", "RE"]).roles == ["AD", "RE"]
    assert w(PERMISSIONS + "update", w.organization, key, roles=["MA"]).roles == ["MA"]
    assert w(PERMISSIONS + "get", w.organization, key).roles == ["MA"]
    w(PERMISSIONS + "delete", w.organization, key)
    with refused(404):
        w(PERMISSIONS + "get", w.organization, key)


@drives(*(f"workspaces.{name}" for name in "create get list update delete".split()))
def workspaces(w):
    title = f"Room {uuid4().hex[:10]}"
    room = w("workspaces.create", title=title)
    assert w("workspaces.get", room.id).title == title
    assert w("workspaces.update", room.id, description="Quiet").description == "Quiet"
    assert room.id in ids(w("workspaces.list"))
    w("workspaces.delete", room.id)
    with refused(404):
        w("workspaces.get", room.id)


WORKSPACE = "workspaces.members."


@drives(*(WORKSPACE + name for name in "create list delete bulk.post bulk.delete paginated.list".split()))
def workspace_members(w):
    room, people = w.ask("POST", "/api/workspaces/", title=f"Room {uuid4().hex[:8]}")["id"], w.people(3)

    def members() -> set[int]:
        return {value(value(m, "user"), "id") for m in w(WORKSPACE + "list", room)} - {w.me["id"]}

    w(WORKSPACE + "create", room, user=people[0])
    assert members() == {people[0]}
    w(WORKSPACE + "delete", room, user_id=people[0])
    assert members() == set()
    if not w.has(WORKSPACE + "bulk.post"):
        return
    assert value(w(WORKSPACE + "bulk.post", room, all_=False, included=people), "assignments") == 3
    listed = ids(rows(w(WORKSPACE + "paginated.list", room, ids=",".join(map(str, people[:2])))))
    assert listed == set(people[:2])
    included = ",".join(map(str, people[:2])) if w.takes(WORKSPACE + "bulk.delete", "all_") else people[:2]
    assert value(w(WORKSPACE + "bulk.delete", room, all_=False, included=included), "unassignments") == 2
    assert members() == {people[2]}


@drives("workspaces.projects.add", "workspaces.projects.list", "workspaces.projects.remove")
def workspace_projects(w):
    if not w.has("workspaces.projects.add"):
        return
    room, project = w.ask("POST", "/api/workspaces/", title=f"Room {uuid4().hex[:8]}")["id"], w.project()
    w("workspaces.projects.add", room, project=project)
    assert ids(rows(w("workspaces.projects.list", room))) == {project}
    w("workspaces.projects.remove", room, project=project)
    assert rows(w("workspaces.projects.list", room)) == []
