"""`tasks` and `projects.assignments`: as much of tasks as giving them to people needs."""

import pytest
from label_studio_sdk import PrepareParamsFiltersRequest as Filters
from label_studio_sdk.projects.assignments.types import (
    BulkTaskAssigneesRequestRequestSelectedItemsExcluded as AllBut,
    BulkTaskAssigneesRequestRequestSelectedItemsIncluded as These,
)

from checks import refused


@pytest.fixture
def tasks(ls, project) -> list[int]:
    """The ids of four tasks of the project, ascending."""
    ls.projects.import_tasks(project, request=[{"data": {"text": f"page {n}"}} for n in range(4)])
    return sorted(task.id for task in ls.tasks.list(project=project))


def assigned(ls, project, task) -> set[tuple[int, str]]:
    return {(a.assignee, a.type) for a in ls.projects.assignments.list(project, task)}


def test_create_get_list_and_delete(either, project):
    made = either.tasks.create(project=project, data={"text": "Ünïcode 漢字", "n": 1.5})
    assert (made.project, made.data) == (project, {"text": "Ünïcode 漢字", "n": 1.5})
    assert either.tasks.get(made.id).data == made.data
    assert [(t.id, t.data) for t in either.tasks.list(project=project)] == [(made.id, made.data)]
    either.tasks.delete(made.id)
    assert list(either.tasks.list(project=project)) == []
    with refused(404):
        either.tasks.get(made.id)


def test_import(either, project):
    answer = either.projects.import_tasks(
        project, request=[{"data": {"text": "one"}}, {"text": "two"}], return_task_ids=True
    ).model_dump()
    tasks = {t.id: t.data for t in either.tasks.list(project=project, page_size=1)}
    assert sorted(tasks.values(), key=str) == [{"text": "one"}, {"text": "two"}]
    assert answer["task_count"] == 2 and set(answer["task_ids"]) == set(tasks)


def test_assign_adds_and_update_replaces(either, project, tasks, annotators):
    ada, bob, eve = annotators[:3]
    task, assignments = tasks[0], either.projects.assignments
    made = assignments.assign(project, task, type="AN", users=[ada, bob])
    assert (made.task, made.type) == (task, "AN") and made.assignee in (ada, bob)
    assignments.assign(project, task, type="RE", users=[eve])
    assert assigned(either, project, task) == {(ada, "AN"), (bob, "AN"), (eve, "RE")}
    assignments.assign(project, task, type="AN", users=[ada, eve])
    assert assigned(either, project, task) == {(ada, "AN"), (bob, "AN"), (eve, "AN"), (eve, "RE")}
    assert assignments.update(project, task, type="AN", users=[bob]).assignee == bob
    assert assigned(either, project, task) == {(bob, "AN"), (eve, "RE")}


def test_delete_assignments(either, project, tasks, annotators):
    (ada, bob), task, assignments = annotators[:2], tasks[0], either.projects.assignments
    for kind in ("AN", "RE"):
        assignments.assign(project, task, type=kind, users=[ada, bob])
    assignments.delete(project, task, type="AN", users=str(ada))
    assert assigned(either, project, task) == {(bob, "AN"), (ada, "RE"), (bob, "RE")}
    assignments.delete(project, task, users=f"{bob},{annotators[5]}")
    assert assigned(either, project, task) == {(ada, "RE")}
    assignments.assign(project, task, type="AN", users=[bob])
    assignments.delete(project, task, type="RE")
    assert assigned(either, project, task) == {(bob, "AN")}
    assignments.delete(project, task)
    assert assigned(either, project, task) == set()


def test_assign_many(either, project, tasks, annotators):
    users = annotators[:2]
    done = either.projects.assignments.bulk_assign(
        project, type="AN", users=users, selected_items=These(all_=False, included=tasks[:3])
    )
    assert (done.assignments, sorted(done.task_ids)) == (6, tasks[:3])
    done = either.projects.assignments.bulk_assign(
        project, type="AN", users=users, selected_items=AllBut(all_=True, excluded=tasks[:1])
    )
    assert (done.assignments, sorted(done.task_ids)) == (2, tasks[1:])
    assert [assigned(either, project, task) for task in tasks] == [{(user, "AN") for user in users}] * 4


def by_id(conjunction: str, *conditions) -> dict:
    items = [
        {"filter": "filter:tasks:id", "operator": operator, "type": "Number", "value": value}
        for operator, value in conditions
    ]
    return {"conjunction": conjunction, "items": items}


def test_assign_by_filter(either, project, tasks, annotators):
    def assign(filters) -> list[int]:
        done = either.projects.assignments.bulk_assign(
            project, type="AN", users=annotators[:1], selected_items=AllBut(all_=True, excluded=[]), filters=filters
        )
        return sorted(done.task_ids)

    assert assign(Filters(**by_id("and", ("greater", tasks[0]), ("less", tasks[3])))) == tasks[1:3]
    assert [bool(assigned(either, project, task)) for task in tasks] == [False, True, True, False]
    assert assign(by_id("or", ("equal", tasks[0]), ("in_list", tasks[3:]))) == [tasks[0], tasks[3]]


def test_a_filter_that_is_not_understood_assigns_nothing(ls, project, tasks, annotators):
    with refused(400, "filters"):
        ls.projects.assignments.bulk_assign(
            project,
            type="AN",
            users=annotators[:1],
            selected_items=AllBut(all_=True, excluded=[]),
            filters={
                "conjunction": "and",
                "items": [{"filter": "filter:tasks:agreement", "operator": "less", "type": "Number", "value": 50}],
            },
        )
    assert not any(assigned(ls, project, task) for task in tasks)


def test_who_is_no_member_gets_no_task(either, project, tasks, by_role):
    stranger = by_role("RE", 1)[0].user.id
    with refused(400, "users"):
        either.projects.assignments.assign(project, tasks[0], type="AN", users=[stranger])
    with refused(400, "users"):
        either.projects.assignments.bulk_assign(
            project, type="AN", users=[stranger], selected_items=These(all_=False, included=tasks)
        )
    assert assigned(either, project, tasks[0]) == set()


def test_a_task_goes_with_the_membership(ls, project, tasks, annotators):
    ada, bob = annotators[:2]
    ls.projects.assignments.assign(project, tasks[0], type="AN", users=[ada, bob])
    ls.projects.members.bulk.delete(project, all_=False, included=[ada])
    assert assigned(ls, project, tasks[0]) == {(bob, "AN")}
    ls.projects.members.add(project, user=ada)  # a new stay, without the old tasks
    assert assigned(ls, project, tasks[0]) == {(bob, "AN")}


def test_reviewers_assign_annotators_and_managers_assign_reviewers(server, ls, new_project, new_person, annotators):
    reviewer = new_person("RE")
    project = new_project([*annotators[:2], reviewer.id])
    task = ls.tasks.create(project=project, data={}).id
    theirs = server.client(server.token_of(reviewer.email)).projects.assignments
    theirs.assign(project, task, type="AN", users=annotators[:1])
    with refused(403):
        theirs.assign(project, task, type="RE", users=annotators[:1])
    assert assigned(ls, project, task) == {(annotators[0], "AN")}
