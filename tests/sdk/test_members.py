"""`projects.members`: one at a time, the list, the export."""

import csv
import io
import unicodedata

import pytest

from checks import explicit, members, refused
from reference import FILTERS, activity, effective_role, matches, some_tags

COLUMNS = [
    *("id", "email", "first_name", "last_name", "username", "role", "project_role", "user_type", "tags"),
    *("implicit_member", "last_activity", "date_joined"),
]


def test_add_get_and_remove_one(either, project, by_role):
    person = by_role("RE", 1)[0].user.id
    assert either.projects.members.add(project, user=person).user == person
    assert either.projects.members.add(project, user=person).user == person  # again is fine
    assert person in explicit(either, project)
    either.projects.members.remove(project, user=person)
    assert person not in explicit(either, project)
    either.projects.members.remove(project, user=person)  # gone already is fine


def test_remove_in_the_legacy_form(ls, http, project, annotators):
    answer = http.request("DELETE", f"/api/projects/{project}/members/", json={"user": annotators[0]})
    assert (answer.status_code, answer.content) == (204, b"")
    assert explicit(ls, project) == set(annotators[1:])


def test_the_deprecated_list_has_no_annotators(http, new_project, by_role):
    reviewer, manager = by_role("RE", 1)[0].user.id, by_role("MA", 1)[0].user.id
    project = new_project([reviewer, manager, by_role("AN", 1)[0].user.id])
    listed = {
        user["id"]: user["organization_membership"]["role"]
        for user in http.get(f"/api/projects/{project}/members/").json()
    }
    assert {reviewer, manager} <= listed.keys()
    assert "AN" not in listed.values()


def test_somebody_unknown_cannot_be_added(either, project, annotators):
    with refused(400, "user"):
        either.projects.members.add(project, user=2**31 - 1)
    assert explicit(either, project) == set(annotators)


def test_somebody_who_may_not_be_a_member_is_skipped(ls, project, by_role):
    person = by_role("DI", 1)[0].user.id
    with refused(400) as caught:
        ls.projects.members.add(project, user=person)
    assert caught.value.body == {"skipped_user_ids": [person]}


def test_the_pager_ends(either, project, annotators):
    pager = either.projects.members.paginated.list(project, implicit=False, page_size=6)
    assert (pager.response.count, len(pager.items)) == (20, 6)
    assert [m.id for m in pager] == annotators


def test_explicit_and_implicit(either, organization, new_project, by_role, people):
    workspace = either.workspaces.create(title="Implicit").id
    direct, both, colleague = [p.user.id for p in by_role("AN", 3)]
    project = new_project([direct, both], workspace=workspace)
    for user in (both, colleague):
        either.workspaces.members.create(workspace, user=user)
    seen = {m.id: m.implicit_member for m in members(either, project)}
    by_rank = {p.user.id for p in people if p.role in ("OW", "AD")}
    assert seen == {**dict.fromkeys({colleague, *by_rank}, True), direct: False, both: False}
    assert explicit(either, project) == {direct, both}
    assert {m.id for m in members(either, project, implicit=True)} == {colleague, *by_rank}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(either, mixed_project, name):
    everybody = members(either, mixed_project)
    query = FILTERS[name]([m for m in everybody if not m.implicit_member])
    expected = [m.id for m in everybody if matches(m, **query)]
    assert 0 < len(expected) < len(everybody)
    assert [m.id for m in members(either, mixed_project, **query)] == expected


def test_filters_of_the_list_alone(ls, mixed_project):
    everybody = members(ls, mixed_project)
    some = [m.id for m in everybody[::7]]
    assert [m.id for m in members(ls, mixed_project, ids=",".join(map(str, some)))] == some
    assert [m.id for m in members(ls, mixed_project, no_annotators=True)] == [
        m.id for m in everybody if effective_role(m) != "AN"
    ]
    assert [m.id for m in members(ls, mixed_project, user_type=["viewonly", "flex"])] == [
        m.id for m in everybody if m.user_type in ("viewonly", "flex")
    ]


def test_no_view_only(ls, mixed_project):
    everybody = members(ls, mixed_project)
    expected = [m.id for m in everybody if m.user_type != "viewonly"]
    assert len(expected) < len(everybody)
    assert [m.id for m in members(ls, mixed_project, no_view_only=True)] == expected


def test_every_tag_or_any(ls, mixed_project):
    everybody = members(ls, mixed_project)
    tags = ",".join(str(tag.id) for tag in next(m.tags for m in everybody if len(m.tags) > 1)[:2])
    for operator in ("and", "or"):
        found = members(
            ls, mixed_project, tags=tags, request_options={"additional_query_parameters": {"tags_operator": operator}}
        )
        assert [m.id for m in found] == [m.id for m in everybody if matches(m, tags=tags, tags_operator=operator)] != []


def test_deactivated_people_are_listed_on_request(ls, organization, project, annotators, new_person):
    person = new_person()
    ls.projects.members.add(project, user=person.id)
    ls.organizations.members.update(organization, user_id=person.id, role="DI")
    assert explicit(ls, project) == set(annotators)
    assert explicit(ls, project, with_deleted=True) == explicit(ls, project, role="AN,DI") == {*annotators, person.id}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


ORDERS = {
    "id": lambda m: m.id,
    "email": lambda m: _folded(m.email),
    "username": lambda m: _folded(m.username),
    "last_activity": lambda m: m.last_activity,
    "role": effective_role,
    "date_joined": lambda m: m.date_joined,
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", ORDERS)
def test_ordering(ls, mixed_project, field, descending):
    """Ties are by id, and who was never active comes last in both directions."""
    key, everybody = ORDERS[field], sorted(members(ls, mixed_project, implicit=False), key=lambda m: m.id)
    expected = sorted((m for m in everybody if key(m) is not None), key=key, reverse=descending)
    expected += [m for m in everybody if key(m) is None]
    pager = ls.projects.members.paginated.list(
        mixed_project, implicit=False, ordering="-" * descending + field, page_size=20
    )
    assert [m.id for m in pager] == [m.id for m in expected]


def _plain(name: str) -> str | None:
    """A name without its accents; None where more than they tell it from another one."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    return bare if bare and bare.replace(" ", "a").isalpha() and bare.isascii() else None


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_ordering_by_name(ls, mixed_project, field, descending):
    """Names come as a reader sorts them: by letters first, whatever their accents and case."""
    pager = ls.projects.members.paginated.list(
        mixed_project, implicit=False, ordering="-" * descending + field, page_size=20
    )
    everybody = list(pager)
    assert sorted(m.id for m in everybody) == sorted(m.id for m in members(ls, mixed_project, implicit=False))
    plain = [name for m in everybody if (name := _plain(getattr(m, field) or ""))]
    assert len(plain) > len(everybody) / 4
    assert plain == sorted(plain, reverse=descending)


def test_an_unknown_ordering_is_none(ls, project, annotators):
    assert [
        m.id for m in ls.projects.members.paginated.list(project, implicit=False, ordering="-shoe_size")
    ] == annotators


def exported(ls, project, **filters) -> list[list[str]]:
    text = b"".join(ls.projects.members.export_csv(project, **filters)).decode()
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_export(either, mixed_project):
    header, *rows = exported(either, mixed_project)
    assert header == COLUMNS
    everybody = members(either, mixed_project)
    assert [int(row[0]) for row in rows] == [m.id for m in everybody]
    for row, m in zip(rows, everybody, strict=True):
        told = dict(zip(header, row, strict=True))
        assert [told["email"], told["role"], told["project_role"]] == [
            m.email,
            m.organization_membership.role,
            m.project_role or "",
        ]
        assert told["tags"] == ", ".join(tag.label for tag in m.tags)
        assert told["implicit_member"] == str(m.implicit_member).lower()
        assert bool(told["last_activity"]) == bool(m.last_activity)


def test_export_filters_like_the_list(ls, mixed_project):
    everybody = members(ls, mixed_project, implicit=False)
    until = activity(everybody, 0.5)
    query = {"role": "AN", "tags": some_tags(everybody)}
    _, *rows = exported(
        ls, mixed_project, implicit=False, last_activity_lte=until.isoformat(), ordering="-email", **query
    )
    expected = [m.id for m in everybody if matches(m, last_activity_lte=until, **query)]
    assert {int(row[0]) for row in rows} == set(expected) != set()
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
