"""`workspaces`, their members and their projects."""

from uuid import uuid4

import pytest

from checks import explicit, members, refused

LEGACY = "additional_body_parameters"


@pytest.fixture
def workspace(ls) -> int:
    return ls.workspaces.create(title=f"Workspace {uuid4().hex[:12]}").id


@pytest.fixture
def staffed(ls, workspace, annotators) -> int:
    """A workspace with the annotators in it."""
    assert ls.workspaces.members.bulk.post(workspace, all_=False, included=annotators).assignments == len(annotators)
    return workspace


def staff(ls, workspace) -> set[int]:
    return {user.id for user in ls.workspaces.members.paginated.list(workspace, page_size=1000)}


def test_create_get_update_list_and_delete(either):
    title = f"Radiology {uuid4().hex[:12]}"
    made = either.workspaces.create(title=title, description="Scans", color="#FF0000")
    assert (made.title, made.description, made.is_archived, made.projects_count) == (title, "Scans", False, 0)
    assert either.workspaces.get(made.id).color == "#FF0000"
    changed = either.workspaces.update(made.id, is_archived=True, description="Old scans")
    assert (changed.title, changed.description, changed.is_archived) == (title, "Old scans", True)
    assert made.id in {w.id for w in either.workspaces.list(is_archived=True)}
    assert made.id not in {w.id for w in either.workspaces.list(is_archived=False)}
    either.workspaces.delete(made.id)
    with refused(404):
        either.workspaces.get(made.id)


def test_a_workspace_with_projects_is_not_deleted(ls, workspace, new_project):
    project = new_project(workspace=workspace)
    with refused(400):
        ls.workspaces.delete(workspace)
    assert ls.workspaces.get(workspace).projects_count == 1
    ls.workspaces.projects.remove(workspace, project=project)
    ls.workspaces.delete(workspace)
    assert ls.projects.get(project).workspace is None


def test_members_one_at_a_time(either, workspace, annotators):
    user, before = annotators[0], {row.user.id for row in either.workspaces.members.list(workspace)}
    assert either.workspaces.members.create(workspace, user=user, workspace=workspace).user == user
    assert {row.user.id for row in either.workspaces.members.list(workspace)} == {*before, user}
    either.workspaces.members.delete(workspace, user_id=user)
    assert {row.user.id for row in either.workspaces.members.list(workspace)} == before
    either.workspaces.members.delete(workspace, user_id=user)  # gone already is fine


def test_members_in_pages(either, staffed, annotators, by_role):
    pager = either.workspaces.members.paginated.list(staffed, page_size=6)
    listed = [user.id for user in pager]
    assert len(listed) == pager.response.count == len(set(listed))
    assert set(annotators) <= set(listed)
    some = annotators[2:5]
    assert {user.id for user in either.workspaces.members.paginated.list(staffed, ids=",".join(map(str, some)))} == set(
        some
    )
    person = by_role("AN", 1)[0].user
    assert person.id in {
        user.id for user in either.workspaces.members.paginated.list(staffed, search=person.email.upper())
    }


FORMS = {
    "a text": lambda ids: {"included": ",".join(map(str, ids))},
    "a list": lambda ids: {"included": ids},
    "a legacy body": lambda ids: {"all_": None, "request_options": {LEGACY: {"all": False, "included": ids}}},
}


@pytest.mark.parametrize("form", FORMS)
def test_bulk_delete_the_included(either, staffed, annotators, form):
    before = staff(either, staffed)
    arguments = {"all_": False, **FORMS[form](annotators[:7])}
    assert either.workspaces.members.bulk.delete(staffed, **arguments).unassignments == 7
    assert staff(either, staffed) == before - set(annotators[:7])
    assert either.workspaces.members.bulk.delete(staffed, **arguments).unassignments == 0


def test_bulk_delete_all_but_some(ls, staffed, annotators, by_role):
    person = by_role("AN", 1)[0].user
    assert ls.workspaces.members.bulk.delete(staffed, all_=True, search=person.email).unassignments == 1
    ids = ",".join(map(str, annotators[1:6]))
    assert (
        ls.workspaces.members.bulk.delete(staffed, all_=True, ids=ids, excluded=str(annotators[1])).unassignments == 4
    )
    left = staff(ls, staffed)
    assert left & set(annotators) == {annotators[1], *annotators[6:]}
    assert ls.workspaces.members.bulk.delete(staffed, all_=True).unassignments == len(left)
    assert staff(ls, staffed) == set()


@pytest.mark.parametrize("arguments", [{}, {"excluded": "1"}, {"search": "a"}, {"all_": True, "included": "1"}])
def test_bulk_delete_refuses_what_is_not_clear(ls, staffed, arguments):
    before = staff(ls, staffed)
    with refused(400):
        ls.workspaces.members.bulk.delete(staffed, **arguments)
    assert staff(ls, staffed) == before


def test_projects_come_and_go(either, workspace, new_project):
    project = new_project()
    either.workspaces.projects.add(workspace, project=project)
    assert [p.id for p in either.workspaces.projects.list(workspace)] == [project]
    assert either.projects.get(project).workspace == workspace
    either.workspaces.projects.remove(workspace, project=project)
    assert either.workspaces.projects.list(workspace) == []
    assert either.projects.get(project).workspace is None


def test_a_workspace_opens_its_projects(server, ls, workspace, new_project, new_person):
    person = new_person()
    project = new_project(workspace=workspace)
    theirs = server.client(server.token_of(person.email))
    with refused(404):
        theirs.projects.get(project)
    ls.workspaces.members.create(workspace, user=person.id)
    assert theirs.projects.get(project).id == project
    assert explicit(ls, project) == set()
    assert {m.implicit_member for m in members(ls, project, ids=str(person.id))} == {True}
    assert ls.projects.members.bulk.delete(project, all_=False, included=[person.id]).unassignments == 0
    assert theirs.projects.get(project).id == project
    ls.workspaces.members.delete(workspace, user_id=person.id)
    with refused(404):
        theirs.projects.get(project)
