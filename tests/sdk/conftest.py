from uuid import uuid4

import pytest
from label_studio_sdk import ProjectMemberBulkAssignRolesRequest

import answers  # keeps what the SDK is answered
import server as servers
from blocking import blocking


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def server(request, tmp_path_factory):
    """Roster on each engine in turn, with the demo organization in it."""
    with servers.serving(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture(scope="session")
def ls(server):
    """The SDK as the owner."""
    return server.client()


@pytest.fixture(scope="session")
def async_ls(server):
    """The same by the asynchronous client."""
    yield from blocking(server.url, server.token)


@pytest.fixture(params=["sync", "async"])
def either(request, ls, async_ls):
    """The SDK as the owner, once by its synchronous and once by its asynchronous client."""
    return ls if request.param == "sync" else async_ls


@pytest.fixture(scope="session")
def http(server):
    """Plain HTTP as the owner."""
    with server.http() as client:
        yield client


@pytest.fixture(scope="session")
def organization(ls) -> int:
    return ls.users.whoami().active_organization


@pytest.fixture(scope="session")
def people(ls, organization) -> list:
    """The demo's people as the organization lists them. Tests leave them as they are."""
    return list(ls.organizations.members.list(organization, page_size=1000))


@pytest.fixture(scope="session")
def by_role(people):
    """Some of the demo's people with an organization role, by id."""

    def some(role: str, count: int) -> list:
        found = sorted((p for p in people if p.role == role), key=lambda p: p.user.id)[:count]
        assert len(found) == count, f"the demo has {len(found)} people with role {role}"
        return found

    return some


@pytest.fixture(scope="session")
def annotators(by_role) -> list[int]:
    """The ids of twenty annotators of the demo."""
    return [p.user.id for p in by_role("AN", 20)]


@pytest.fixture(scope="session")
def new_project(ls):
    """Makes a project with these explicit members and project roles."""

    def make(included=(), roles=None, **fields) -> int:
        project = ls.projects.create(title=f"Project {uuid4().hex[:12]}", **fields).id
        asked = [ProjectMemberBulkAssignRolesRequest(user_id=user, role=role) for user, role in (roles or {}).items()]
        if included:
            done = ls.projects.members.bulk.post(project, all_=False, included=included, roles=asked)
            assert (done.assignments, done.skipped_user_ids) == (len(included), [])
        return project

    return make


@pytest.fixture
def project(new_project, annotators) -> int:
    """A project of its own, with the annotators in it."""
    return new_project(annotators)


@pytest.fixture(scope="session")
def new_mixed_project(new_project, by_role, new_person):
    """Makes a project with people of every kind in it: each role, project roles
    against the organization's, every seat, and some who were never active."""
    ids = {
        role: [p.user.id for p in by_role(role, count)] for role, count in dict(AN=24, RE=16, MA=6, VO=6, AD=2).items()
    }
    roles = {**dict.fromkeys(ids["AN"][::3], "RE"), **dict.fromkeys(ids["RE"][::3], "AN")}
    never_active = [new_person().id for _ in range(3)]
    return lambda: new_project([*sum(ids.values(), []), *never_active], roles)


@pytest.fixture(scope="session")
def mixed_project(new_mixed_project) -> int:
    """One such project, for tests that leave it as it is."""
    return new_mixed_project()


@pytest.fixture(scope="session")
def new_person(ls, organization, people):
    """Makes a person with an organization role, whom a test may change as it likes.
    The demo's people are looked up first, so that none of these is among them."""

    def make(role: str = "AN", **fields):
        email = f"new-{uuid4().hex[:12]}@example.com"
        person = ls.users.create(username=email, email=email, **fields)
        ls.organizations.members.update(organization, user_id=person.id, role=role)
        return person

    return make
