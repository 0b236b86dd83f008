"""The SDK reads answers without checking them. Here they are checked against its own types."""

import pytest
from label_studio_sdk import types as t
from pydantic import TypeAdapter

MEMBERSHIPS = "/api/organizations/{organization}/memberships"
ANSWERS = {
    "/api/version/": t.VersionResponse,
    "/api/current-user": t.LseUserApi,
    "/api/current-user/whoami": t.WhoAmIUser,
    "/api/users/": list[t.LseUserApi],
    "/api/users/{person}/": t.LseUser,
    "/api/organizations/": list[t.OrganizationId],
    "/api/organizations/{organization}": t.LseOrganization,
    f"{MEMBERSHIPS}?page_size=300": t.PaginatedLseOrganizationMemberListList,
    f"{MEMBERSHIPS}?contributed_to_projects=true": t.PaginatedLseOrganizationMemberListList,
    MEMBERSHIPS + "/{person}/": t.OrganizationMember,
    MEMBERSHIPS + "/{person}/?contributed_to_projects=true": t.OrganizationMember,
    "/api/organizations/{organization}/member-tags": t.PaginatedOrganizationMemberTagList,
    "/api/organizations/{organization}/member-tags/{tag}": t.OrganizationMemberTag,
    "/api/projects/": t.PaginatedAllRolesProjectListList,
    "/api/projects/{project}/": t.LseProjectResponse,
    "/api/projects/{project}/members/": list[t.LseUser],
    "/api/projects/{project}/members/paginated/?page_size=300&with_deleted=true": t.PaginatedPaginatedProjectMemberList,
    "/api/projects/{project}/roles": list[t.ProjectRole],
    "/api/projects/{project}/tasks/{task}/assignees": list[t.TaskAssignment],
    "/api/tasks/?project={project}": t.PaginatedRoleBasedTaskList,
    "/api/tasks/{task}/": t.LseTask,
    "/api/workspaces/?include_all_workspaces=true": list[t.Workspace],
    "/api/workspaces/{workspace}/": t.Workspace,
    "/api/workspaces/{workspace}/memberships/": list[t.WorkspaceMemberList],
    "/api/workspaces/{workspace}/memberships/paginated/": t.PaginatedLseUserList,
    "/api/workspaces/{workspace}/projects/": list[t.Project],
}


@pytest.fixture(scope="module")
def ids(ls, organization, annotators, new_project, people) -> dict[str, int]:
    """Something of everything, with people of every kind in it."""
    person, workspace = annotators[0], ls.workspaces.create(title="Shapes", description="All of them").id
    project = new_project(annotators, {person: "RE"}, workspace=workspace)
    ls.workspaces.members.bulk.post(workspace, all_=False, included=annotators)
    task = ls.tasks.create(project=project, data={"text": "word"}).id
    ls.projects.assignments.assign(project, task, type="RE", users=[person])
    tag = next(tag.id for p in people for tag in p.tags)
    return dict(organization=organization, person=person, workspace=workspace, project=project, task=task, tag=tag)


@pytest.mark.parametrize("path", ANSWERS)
def test_answers_are_what_the_sdk_says_they_are(http, ids, path):
    answer = http.get(path.format(**ids))
    assert answer.status_code == 200
    TypeAdapter(ANSWERS[path]).validate_json(answer.content)
    items = answer.json().get("results", True) if isinstance(answer.json(), dict) else answer.json()
    assert items, "there is nothing in it to check"
