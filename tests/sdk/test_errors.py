"""How refusals reach a user of the SDK."""

import uuid

import pytest

from checks import explicit, refused

MEMBER_CALLS = {
    "paginated.list": lambda ls, project: ls.projects.members.paginated.list(project),
    "add": lambda ls, project: ls.projects.members.add(project, user=1),
    "remove": lambda ls, project: ls.projects.members.remove(project, user=1),
    "bulk.post": lambda ls, project: ls.projects.members.bulk.post(project, all_=True),
    "bulk.delete": lambda ls, project: ls.projects.members.bulk.delete(project, all_=True),
    "export_csv": lambda ls, project: list(ls.projects.members.export_csv(project)),
    "roles.get": lambda ls, project: ls.projects.roles.get(project),
    "roles.add": lambda ls, project: ls.projects.roles.add(project=project, user=1, role="AN"),
}


@pytest.fixture(scope="module")
def annotator(server, new_person, new_project):
    """An annotator's client, a project they are in, and one they are not in."""
    person = new_person("AN")
    return server.client(server.token_of(person.email)), new_project([person.id]), new_project()


@pytest.mark.parametrize("call", MEMBER_CALLS)
def test_an_annotator_is_forbidden_where_they_are_and_sees_nothing_elsewhere(annotator, call):
    theirs, inside, outside = annotator
    with refused(403) as caught:
        MEMBER_CALLS[call](theirs, inside)
    assert caught.value.body["detail"] == "You do not have permission to perform this action."
    with refused(404):
        MEMBER_CALLS[call](theirs, outside)


@pytest.mark.parametrize("call", MEMBER_CALLS)
def test_a_project_that_is_not_there_is_404(either, call):
    with refused(404) as caught:
        MEMBER_CALLS[call](either, 2**31 - 1)
    body = caught.value.body
    assert uuid.UUID(body["id"]) and body["status_code"] == 404 and body["exc_info"] is None


def test_without_a_valid_token_everything_is_401(server, project):
    nobody = server.client("0" * 40)
    for call in MEMBER_CALLS.values():
        with refused(401):
            call(nobody, project)


ORGANIZATION_CALLS = {
    "members.list": lambda ls, org: ls.organizations.members.list(org),
    "members.update": lambda ls, org: ls.organizations.members.update(org, user_id=1, role="AN"),
    "members.delete": lambda ls, org: ls.organizations.members.delete(org, 2),
    "member_tags.list": lambda ls, org: ls.organizations.member_tags.list(org),
    "member_tags.create": lambda ls, org: ls.organizations.member_tags.create(org, label="mine"),
    "member_tags.bulk.delete": lambda ls, org: ls.organizations.member_tags.bulk.delete(org, ids="1"),
    "member_tags.assign": lambda ls, org: ls.organizations.member_tags.assign(org, all_=True),
    "organizations.update": lambda ls, org: ls.organizations.update(org, title="Mine"),
    "projects.create": lambda ls, org: ls.projects.create(title="Mine"),
    "workspaces.create": lambda ls, org: ls.workspaces.create(title="Mine"),
    "users.create": lambda ls, org: ls.users.create(username="me@example.com", email="me@example.com"),
}


@pytest.mark.parametrize("call", ORGANIZATION_CALLS)
def test_an_annotator_runs_nothing(annotator, organization, call):
    with refused(403):
        ORGANIZATION_CALLS[call](annotator[0], organization)


def test_a_manager_sees_the_people_of_their_projects(server, ls, organization, new_person, new_project, annotators):
    manager, stranger = new_person("MA"), new_person()
    new_project([*annotators, manager.id])
    theirs = server.client(server.token_of(manager.email))
    seen = {row.user.id for row in theirs.organizations.members.list(organization, page_size=1000)}
    assert {*annotators, manager.id, ls.users.whoami().id} <= seen and stranger.id not in seen
    with refused(403):
        theirs.organizations.members.update(organization, user_id=annotators[0], role="RE")


def test_a_manager_manages_where_they_belong(server, new_person, new_project, annotators):
    manager = new_person("MA")
    inside, outside = new_project([*annotators, manager.id]), new_project(annotators)
    theirs = server.client(server.token_of(manager.email))
    assert theirs.projects.members.bulk.delete(inside, all_=True, role="AN").unassignments == len(annotators)
    assert explicit(theirs, inside) == {manager.id}
    with refused(404):
        theirs.projects.members.bulk.delete(outside, all_=True, role="AN")
    assert theirs.projects.members.bulk.delete(inside, all_=True).unassignments == 1  # themself, knowingly
    with refused(404):
        theirs.projects.get(inside)


def test_one_answer_names_all_that_is_wrong(ls, project, annotators):
    with refused(400, "included") as caught:
        ls.projects.members.bulk.delete(project, all_="x", included="y", role="z", tags="0", last_activity_gte="never")
    assert set(caught.value.body["validation_errors"]) == {"all", "included", "role", "tags", "last_activity__gte"}
    assert explicit(ls, project) == set(annotators)


def test_a_page_past_the_end_is_empty_and_one_that_is_no_number_is_404(ls, project):
    beyond = ls.projects.members.paginated.list(project, page=1000)
    assert (beyond.items, beyond.response.next) == ([], None)
    with refused(404) as caught:
        ls.projects.members.paginated.list(project, page=0)
    assert caught.value.body["detail"] == "Invalid page."
