"""Project members, their roles and pauses, assignments of tasks, and projects."""

from uuid import uuid4

from story import drives, ids
from world import answered, refused, rows, value


@drives("projects.members.bulk.post", "projects.members.bulk.delete")
def bulk(w):
    people = w.people(4)
    project = w.project()
    done = w("projects.members.bulk.post", project, all_=False, included=people, roles=[{"user_id": people[0], "role": "RE"}])
    if w.takes("projects.members.bulk.post", "roles"):
        assert (done.assignments, done.skipped_user_ids) == (4, [])
    assert w.explicit(project) == set(people)
    included = ",".join(map(str, people[:1])) if w.takes("projects.members.bulk.delete", "all_") else people[:1]
    assert w("projects.members.bulk.delete", project, all_=False, included=included).unassignments == 1
    excluded = ",".join(map(str, people[1:2])) if w.takes("projects.members.bulk.delete", "all_") else people[1:2]
    assert w("projects.members.bulk.delete", project, all_=True, excluded=excluded).unassignments == 2
    assert w.explicit(project) == {people[1]}
    with refused(400):
        w("projects.members.bulk.delete", project)
    with refused(404):
        w("projects.members.bulk.delete", 2**31 - 1, all_=True)
    assert w.explicit(project) == {people[1]}


@drives("projects.members.bulk.delete")
def bulk_with_filters(w):
    reviewer, annotator = w.person("RE")["id"], w.person("AN")["id"]
    project = w.project([reviewer, annotator])
    if not w.takes("projects.members.bulk.delete", "role"):
        assert w("projects.members.bulk.delete", project, all_=True).unassignments == 2
        return
    assert w("projects.members.bulk.delete", project, all_=True, role="RE").unassignments == 1
    assert w.explicit(project) == {annotator}


@drives("projects.members.add", "projects.members.remove", "projects.members.get")
def one_member(w):
    person, project = w.person()["id"], w.project()
    if w.has("projects.members.add"):
        assert w("projects.members.add", project, user=person).user == person
        assert w.explicit(project) == {person}
        w("projects.members.remove", project, user=person)
        assert w.explicit(project) == set()
    if w.has("projects.members.get"):
        reviewer = w.person("RE")["id"]
        w.ask("POST", f"/api/projects/{project}/members/", user=reviewer)
        listed = ids(w("projects.members.get", project))
        assert reviewer in listed and person not in listed


@drives("projects.members.paginated.list")
def members_listed(w):
    if not w.has("projects.members.paginated.list"):
        return
    people = [w.person(role)["id"] for role in ("AN", "AN", "RE")]
    project = w.project(people)
    assert ids(rows(w("projects.members.paginated.list", project, implicit=False))) == set(people)
    assert ids(rows(w("projects.members.paginated.list", project, implicit=False, role="RE"))) == {people[2]}
    assert ids(rows(w("projects.members.paginated.list", project, ids=str(people[0])))) == {people[0]}
    ordered = [value(m, "id") for m in rows(w("projects.members.paginated.list", project, implicit=False, ordering="-id"))]
    assert ordered == sorted(people, reverse=True)


@drives("projects.members.export_csv")
def members_exported(w):
    if not w.has("projects.members.export_csv"):
        return
    person, project = w.person(), w.project()
    w.ask("POST", f"/api/projects/{project}/members/", user=person["id"])
    text = b"".join(w("projects.members.export_csv", project, implicit=False)).decode()
    header, row = text.splitlines()
    assert header.startswith("id,email,") and row.startswith(f"{person['id']},{person['email']},")


@drives("projects.roles.add", "projects.roles.get", "projects.roles.list", "projects.roles.remove")
def project_roles(w):
    if not w.has("projects.roles.add"):
        return
    person = w.person()["id"]
    project = w.project([person])
    role = w("projects.roles.add", project=project, user=person, role="RE")
    assert (role.project, role.user, role.role) == (project, person, "RE")
    assert [(r.id, r.role) for r in w("projects.roles.get", project)] == [(role.id, "RE")]
    assert w("projects.roles.list", ids=[project]) == []  # the caller's own
    w("projects.roles.remove", role.id)
    assert w("projects.roles.get", project) == []
    with refused(400):
        w("projects.roles.add", project=project, user=person, role="OW")


@drives(*(f"projects.pauses.{name}" for name in "create get list update delete".split()))
def pauses(w):
    person = w.person()["id"]
    project = w.project([person])
    where = dict(project_pk=project, user_pk=person)
    pause = w("projects.pauses.create", **where, reason="MANUAL", verbose_reason="Until Monday")
    assert (pause.reason, pause.verbose_reason, pause.user) == ("MANUAL", "Until Monday", person)
    assert w("projects.pauses.get", **where, id=pause.id).id == pause.id
    changed = w("projects.pauses.update", **where, id=pause.id, verbose_reason="Until Tuesday")
    assert (changed.id, changed.reason, changed.verbose_reason) == (pause.id, "MANUAL", "Until Tuesday")
    assert ids(w("projects.pauses.list", **where)) == {pause.id}
    w("projects.pauses.delete", **where, id=pause.id)
    assert w("projects.pauses.list", **where) == []
    assert ids(w("projects.pauses.list", **where, include_deleted=True)) == {pause.id}


@drives(*(f"projects.assignments.{name}" for name in "assign bulk_assign delete list update".split()))
def assignments(w):
    one, other = w.people(2)
    project = w.project([one, other])
    task = w.ask("POST", "/api/tasks/", project=project, data={"text": "x"})["id"]

    def assigned() -> set[int]:
        return {value(a, "assignee") for a in w("projects.assignments.list", project, task)}

    w("projects.assignments.assign", project, task, type="AN", users=[one])
    assert assigned() == {one}
    w("projects.assignments.update", project, task, type="AN", users=[other])
    assert assigned() == {other}
    w("projects.assignments.delete", project, task)
    assert assigned() == set()
    done = w("projects.assignments.bulk_assign", project, type="AN", users=[one, other], selected_items={"all": False, "included": [task]})
    assert value(done, "assignments") == 2 and assigned() == {one, other}


@drives(*(f"projects.{name}" for name in "create get list update delete duplicate".split()))
def projects(w):
    title = f"Made {uuid4().hex[:12]}"
    project = w("projects.create", title=title, description="First")
    assert project.title == title
    assert w("projects.update", project.id, description="Second").description == "Second"
    assert w("projects.get", project.id).description == "Second"
    assert project.id in ids(rows(w("projects.list", page_size=100)))
    person = w.person()["id"]
    w.ask("POST", f"/api/projects/{project.id}/members/", user=person)
    workspace = w.ask("POST", "/api/workspaces/", title=f"Copies {uuid4().hex[:8]}")["id"]
    copy = value(w("projects.duplicate", project.id, title=title + " copy", workspace=workspace, mode="settings", description=""), "id")
    assert w.explicit(copy) == {person}
    w("projects.delete", project.id)
    with refused(404):
        w("projects.get", project.id)


@drives("projects.list_counts")
def project_counts(w):
    if not w.has("projects.list_counts"):
        return
    project = w.project()
    w.ask("POST", "/api/tasks/", project=project, data={"text": "x"})
    (counts,) = rows(w("projects.list_counts", ids=str(project)))
    assert (counts.id, counts.task_number, counts.finished_task_number, counts.queue_total) == (project, 1, 0, 1)
    (chosen,) = rows(w("projects.list_counts", ids=str(project), include="task_number"))
    assert (chosen.task_number, chosen.queue_total) == (1, None)


@drives("projects.list_unique_annotators")
def whom_a_reviewer_assigns(w):
    if not w.has("projects.list_unique_annotators"):
        return
    reviewer, annotator = w.person("RE"), w.person()
    project = w.project([reviewer["id"], annotator["id"]])
    task = w.ask("POST", "/api/tasks/", project=project, data={"text": "x"})["id"]
    theirs = w.client(reviewer["email"])
    listed = {u.id: u for u in theirs.call("projects.list_unique_annotators", project)}
    found = listed[annotator["id"]]
    assert (found.first_name, found.last_name, found.email) == (annotator["first_name"], annotator["last_name"], "")
    theirs.call("projects.assignments.assign", project, task, type="AN", users=[found.id])
    assert {value(a, "assignee") for a in w("projects.assignments.list", project, task)} == {found.id}
    with refused(403):
        theirs.call("projects.members.paginated.list", project)


@drives("projects.review_routing_rules.list", "projects.review_routing_rules.bulk_replace")
def review_rules(w):
    if not w.has("projects.review_routing_rules.list"):
        return
    project = w.project()
    rules = [{"operator": "lt", "agreement_threshold": "0.5", "sample_rate": "1"}, {"sample_rate": "0.25"}]
    made = w("projects.review_routing_rules.bulk_replace", project, rules=rules)
    assert [(r.order, r.operator, r.agreement_threshold, r.sample_rate) for r in made] == [(0, "lt", "0.5000", "1.0000"), (1, None, None, "0.2500")]
    kept = w("projects.review_routing_rules.bulk_replace", project, rules=[{"id": made[1].id, "sample_rate": "0.25"}])
    assert [(r.id, r.created_at) for r in kept] == [(made[1].id, made[1].created_at)]
    assert w("projects.review_routing_rules.list", project) == kept
    with refused(400):
        w("projects.review_routing_rules.bulk_replace", project, rules=[{"id": made[0].id, "sample_rate": "1"}])


@drives("tasks.update", "tasks.delete_all_tasks")
def tasks_changed(w):
    person = w.person()["id"]
    project = w.project([person])
    task = w.ask("POST", "/api/tasks/", project=project, data={"text": "x"})["id"]
    w.ask("POST", f"/api/projects/{project}/tasks/{task}/assignees", type="AN", users=[person])
    assert value(w("tasks.update", str(task), data={"text": "y"}), "data") == {"text": "y"}
    with refused(400):
        w("tasks.update", str(task), is_labeled=True)
    with answered(204):
        w("tasks.delete_all_tasks", project)
    assert w.ask("GET", f"/api/projects/{project}/tasks/") == []
    assert w.ask("GET", f"/api/roster/operations/?project={project}&kind=task_delete")["results"][0]["changed"] == 1
