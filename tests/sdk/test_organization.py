"""`organizations` and `organizations.members`."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from checks import explicit, refused
from reference import active_between, found
from server import OWNER


def listed(ls, organization, **filters) -> list:
    return list(ls.organizations.members.list(organization, page_size=1000, **filters))


def ids(rows) -> set[int]:
    return {row.user.id for row in rows}


def demo(rows, people) -> set[int]:
    """The ids of the demo's people among the rows, without those whom tests made."""
    return ids(rows) & ids(people)


def test_list_get_and_update(either, organization):
    assert [o.id for o in either.organizations.list()] == [organization]
    before = either.organizations.get(organization)
    changed = either.organizations.update(organization, title="Renamed")
    assert (changed.id, changed.title, changed.created_at) == (organization, "Renamed", before.created_at)
    assert either.organizations.get(organization).title == "Renamed"
    assert either.organizations.update(organization, title=before.title).title == before.title
    with refused(404):
        either.organizations.get(organization + 1)


def test_the_pager_ends(either, organization, people):
    pager = either.organizations.members.list(organization, role="MA")  # of 20 a page
    managers = list(pager)
    assert len(managers) == pager.response.count > 20
    assert demo(managers, people) == {p.user.id for p in people if p.role == "MA"}
    assert len(people) == len(ids(people)) > 1900


def _activity(people):
    times = sorted(p.user.last_activity for p in people if p.user.last_activity)
    return times[len(times) * 4 // 5], times[len(times) * 9 // 10]


def _rare_tags(people) -> set[int]:
    return {tag for tag, count in Counter(tag.id for p in people for tag in p.tags).most_common()[-2:]}


# What to ask for, and the people who are meant.
FILTERS = {
    "role": lambda people: ({"role": "RE"}, [p for p in people if p.role == "RE"]),
    "roles": lambda people: ({"role": ["AD", "MA"]}, [p for p in people if p.role in ("AD", "MA")]),
    "deactivated": lambda people: ({"role": "DI"}, [p for p in people if p.role == "DI"]),
    "tags": lambda people: (
        {"tags": list(tags := _rare_tags(people))},
        [p for p in people if tags & {tag.id for tag in p.tags}],
    ),
    "search": lambda people: ({"search": "MAR"}, [p for p in people if found(p.user, "mar")]),
    "seats": lambda people: (
        {"user_type": ["viewonly", "flex"]},
        [p for p in people if p.user_type in ("viewonly", "flex")],
    ),
    "since": lambda people: (
        {"user_last_activity_gte": (since := _activity(people)[1])},
        [p for p in people if active_between(p.user, since, None)],
    ),
    "within": lambda people: (
        {"user_last_activity_gte": (bounds := _activity(people))[0], "user_last_activity_lte": bounds[1]},
        [p for p in people if active_between(p.user, *bounds)],
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(ls, organization, people, name):
    query, meant = FILTERS[name](people)
    assert 0 < len(meant) < len(people)
    assert demo(listed(ls, organization, **query), people) == ids(meant)


def test_search_finds_any_script(ls, organization, people):
    person = next(
        p.user for p in people if not p.user.first_name.isascii() and p.user.first_name.upper() != p.user.first_name
    )
    hits = listed(ls, organization, search=f"{person.first_name.upper()} {person.last_name}")
    assert person.id in ids(hits)
    assert all(found(p.user, f"{person.first_name} {person.last_name}") for p in hits)


def test_exclude_project_leaves_the_people_to_add(ls, organization, new_person, new_project):
    family, workspace = f"Family {uuid4().hex}", ls.workspaces.create(title="Excluded").id
    direct, colleague, stranger = [new_person(last_name=family).id for _ in range(3)]
    administrator = new_person("AD", last_name=family).id
    project = new_project([direct], workspace=workspace)
    ls.workspaces.members.create(workspace, user=colleague)
    assert ids(listed(ls, organization, search=family, exclude_project_id=project)) == {stranger}
    assert ids(listed(ls, organization, search=family, exclude_workspace_id=workspace)) == {
        direct,
        stranger,
        administrator,
    }


def test_contributed_to_projects_is_filled_on_request(ls, organization):
    def of_owner(**options):
        (row,) = listed(ls, organization, search=OWNER, **options)
        return row

    ours = {p.id for p in ls.projects.list(page_size=1000) if p.created_by.email == OWNER}
    assert {p.id for p in of_owner(contributed_to_projects=True).created_projects} == ours
    assert of_owner().created_projects is None and of_owner().contributed_to_projects is None


def test_get_one(either, organization, people):
    person = people[len(people) // 2]
    got = either.organizations.members.get(organization, person.user.id)
    assert (got.user, got.organization) == (person.user.id, organization)
    assert got.created_at is not None
    with refused(404):
        either.organizations.members.get(organization, 2**31 - 1)


def test_update_a_role(either, organization, new_person):
    person = new_person("AN")
    row = either.organizations.members.update(organization, user_id=person.id, role="RE")
    assert (row.user.id, row.role, row.role_source) == (person.id, "RE", "api")
    (seen,) = listed(either, organization, search=person.email)
    assert (seen.role, seen.role_source) == ("RE", "api")
    with refused(400, "role"):
        either.organizations.members.update(organization, user_id=person.id, role="OW")
    assert listed(either, organization, search=person.email)[0].role == "RE"


def test_deactivated_people_cannot_sign_in_and_come_back(server, ls, organization, new_person):
    person = new_person("AN")
    theirs = server.client(server.token_of(person.email))
    ls.organizations.members.update(organization, user_id=person.id, role="DI")
    with refused(401):
        theirs.users.whoami()
    ls.organizations.members.update(organization, user_id=person.id, role="AN")
    assert theirs.users.whoami().organization_membership.active


def test_delete_is_soft_and_final_for_access(server, either, organization, new_person, new_project):
    person = new_person("AN")
    project = new_project([person.id])
    theirs = server.client(server.token_of(person.email))
    either.organizations.members.delete(organization, person.id)
    assert listed(either, organization, search=person.email) == []
    assert ids(listed(either, organization, search=person.email, is_deleted=True)) == {person.id}
    assert explicit(either, project) == set()
    with refused(401):
        theirs.users.whoami()
    for call in (either.organizations.members.get, either.organizations.members.delete):
        with refused(404):
            call(organization, person.id)


def test_nobody_deletes_themself(ls, organization):
    me = ls.users.whoami()
    with refused(405):
        ls.organizations.members.delete(organization, me.id)
    assert ls.users.whoami().last_activity - me.last_activity < timedelta(minutes=5)
