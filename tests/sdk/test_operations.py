"""What Roster adds: look before you delete, a record of what was done, and the way back."""

from checks import explicit, refused, snapshot


def preview(http, project, **selector) -> dict:
    answer = http.post(f"/api/roster/projects/{project}/members/bulk/preview", json=selector)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == f'"{answer.json()["plan"]}"'
    return answer.json()


def planned(plan: str) -> dict:
    return {"additional_headers": {"If-Match": f'"{plan}"'}}


def test_preview_in_query_and_in_json_is_the_same(ls, http, mixed_project):
    before = snapshot(http, mixed_project)
    shown = preview(http, mixed_project, all=True, role=["AN", "RE"], excluded=[before[0]["id"]], page_size=10)
    query = {"all": "true", "role": "AN,RE", "excluded": str(before[0]["id"]), "page_size": "10"}
    by_query = http.post(f"/api/roster/projects/{mixed_project}/members/bulk/preview/", params=query).json()
    for answer in (shown, by_query):
        answer.pop("plan_expires_at")
    assert shown == by_query
    matched = explicit(ls, mixed_project, role="AN,RE") - {before[0]["id"]}
    assert shown["count"] == len(matched)
    assert [p["id"] for p in shown["results"]] == sorted(matched)[:10]
    assert snapshot(http, mixed_project) == before


def test_preview_tells_who_keeps_access_and_which_tasks_are_dropped(ls, http, new_project, annotators, by_role):
    workspace = ls.workspaces.create(title="Preview").id
    administrator = by_role("AD", 1)[0].user.id
    project = new_project([*annotators[:3], administrator], workspace=workspace)
    ls.workspaces.members.create(workspace, user=annotators[0])
    task = ls.tasks.create(project=project, data={}).id
    ls.projects.assignments.assign(project, task, type="AN", users=annotators[:3])
    shown = preview(http, project, all=True)
    assert shown["count"] == 4
    assert shown["keep_access"] == {"count": 2, "workspace": 1, "organization_role": 1}
    assert shown["open_assignments"] == 2  # the first keeps access, and with it the task
    assert ls.projects.members.bulk.delete(project, all_=True).unassignments == 4
    assert [a.assignee for a in ls.projects.assignments.list(project, task)] == annotators[:1]


def test_a_plan_that_still_holds(either, http, project, annotators):
    plan = preview(http, project, all=True)["plan"]
    done = either.projects.members.bulk.delete(project, all_=True, request_options=planned(plan))
    assert done.unassignments == len(annotators)
    assert explicit(either, project) == set()


def test_a_plan_that_no_longer_holds(either, http, project, annotators, by_role):
    newcomer = by_role("RE", 1)[0].user.id
    plan = preview(http, project, all=True)["plan"]
    either.projects.members.add(project, user=newcomer)
    either.projects.members.remove(project, user=annotators[0])

    with refused(412) as caught:
        either.projects.members.bulk.delete(project, all_=True, request_options=planned(plan))
    assert caught.value.body["changed"] == {
        "plan_known": True,
        "added_count": 1,
        "added": [newcomer],
        "gone_count": 1,
        "gone": [annotators[0]],
    }
    assert explicit(either, project) == {newcomer, *annotators[1:]}

    plan = preview(http, project, all=True)["plan"]
    done = either.projects.members.bulk.delete(project, all_=True, request_options=planned(plan))
    assert done.unassignments == len(annotators)
    assert explicit(either, project) == set()


def test_an_unknown_plan(ls, project, annotators):
    with refused(412) as caught:
        ls.projects.members.bulk.delete(project, all_=True, request_options=planned("f" * 32))
    assert caught.value.body["changed"]["plan_known"] is False
    with refused(400, "If-Match"):
        ls.projects.members.bulk.delete(project, all_=True, request_options={"additional_headers": {"If-Match": "*"}})
    assert explicit(ls, project) == set(annotators)


def test_the_record_and_the_way_back(either, http, new_mixed_project, organization):
    project = new_mixed_project()
    task = either.tasks.create(project=project, data={}).id
    assignee = min(explicit(either, project, role="RE"))
    either.projects.assignments.assign(project, task, type="RE", users=[assignee])
    before = snapshot(http, project)
    gone = explicit(either, project, role="RE")

    done = either.projects.members.bulk.with_raw_response.delete(project, all_=True, role="RE")
    assert done.data.unassignments == len(gone) > 0
    operation = int(done.headers["roster-operation"])
    assert either.projects.assignments.list(project, task) == []

    record = http.get(f"/api/roster/operations/{operation}/", params={"page_size": 1000}).json()
    me = either.users.whoami()
    assert (record["kind"], record["project"], record["organization"]) == ("unassign", project, organization)
    assert (record["actor"], record["credential"]) == ({"id": me.id, "email": me.email}, "token")
    assert record["changed"] == record["counts"]["removed"] == len(gone)
    assert record["selector"] == {"all": True, "role": ["RE"]}
    assert {o["user"] for o in record["outcomes"]["results"] if o["result"] == "removed"} == gone
    query = {"project": project, "person": assignee, "kind": "unassign"}
    found = http.get("/api/roster/operations/", params=query).json()
    assert [op["id"] for op in found["results"]] == [operation]

    undo = http.post(f"/api/roster/operations/{operation}/undo/").json()
    assert (undo["kind"], undo["undoes"], undo["counts"]) == ("undo", operation, {"restored": len(gone)})
    assert snapshot(http, project) == before
    assert [(a.assignee, a.type) for a in either.projects.assignments.list(project, task)] == [(assignee, "RE")]
    assert http.get(f"/api/roster/operations/{operation}").json()["undone_by"] == undo["id"]


CHANGES = {
    "assign": lambda ls, project, user: ls.projects.members.with_raw_response.add(project, user=user),
    "project_role": lambda ls, id, user: ls.projects.roles.with_raw_response.add(project=id, user=user, role="RE"),
    "unassign": lambda ls, project, user: ls.projects.members.with_raw_response.remove(project, user=user),
}


def changed(http, answer) -> dict:
    """The record of the operation that an answer names."""
    return http.get(f"/api/roster/operations/{answer.headers['roster-operation']}/").json()


def test_every_change_is_recorded_and_can_be_undone(either, http, new_project, annotators):
    project, user = new_project(), annotators[0]
    for kind, change in CHANGES.items():
        before = snapshot(http, project)
        operation = changed(http, change(either, project, user))
        assert (operation["kind"], operation["project"], operation["changed"]) == (kind, project, 1)
        after = snapshot(http, project)
        assert http.post(f"/api/roster/operations/{operation['id']}/undo/").json()["changed"] == 1
        assert before == snapshot(http, project) != after
        change(either, project, user)
        assert snapshot(http, project) == after


def test_operations_are_undone_one_after_the_other(ls, http, new_project, annotators):
    project, user = new_project(), annotators[0]
    states, operations = [], []
    for change in CHANGES.values():
        states.append(snapshot(http, project))
        operations.append(changed(http, change(ls, project, user))["id"])
    while operations:
        assert http.post(f"/api/roster/operations/{operations.pop()}/undo/").json()["changed"] == 1
        assert snapshot(http, project) == states.pop()


def test_undo_leaves_alone_what_was_changed_since(ls, http, project, annotators):
    back = annotators[0]
    ls.projects.roles.add(project=project, user=back, role="RE")
    done = ls.projects.members.bulk.with_raw_response.delete(project, all_=True)
    ls.projects.members.add(project, user=back)
    undo = http.post(f"/api/roster/operations/{done.headers['roster-operation']}/undo/").json()
    assert undo["counts"] == {"restored": len(annotators) - 1, "readded_meanwhile": 1}
    assert explicit(ls, project) == set(annotators)
    assert ls.projects.roles.get(project) == []  # the newer stay has none


def test_outcomes_say_why_nothing_happened(ls, http, new_project, annotators, by_role):
    workspace = ls.workspaces.create(title="Outcomes").id
    colleague, stranger, administrator = annotators[1], annotators[2], by_role("AD", 1)[0].user.id
    project = new_project(annotators[:1], workspace=workspace)
    ls.workspaces.members.create(workspace, user=colleague)
    done = ls.projects.members.bulk.with_raw_response.delete(
        project, all_=False, included=[annotators[0], colleague, stranger, administrator]
    )
    assert done.data.unassignments == 1
    record = http.get(f"/api/roster/operations/{done.headers['roster-operation']}").json()
    assert {o["user"]: o["result"] for o in record["outcomes"]["results"]} == {
        annotators[0]: "removed",
        colleague: "implicit_via_workspace",
        stranger: "not_a_member",
        administrator: "implicit_via_organization_role",
    }


def test_annotators_see_no_operations(server, new_person):
    with server.http(server.token_of(new_person("AN").email)) as theirs:
        assert theirs.get("/api/roster/operations/").status_code == 403
