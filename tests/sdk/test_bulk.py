"""`projects.members.bulk`: many people onto a project and off it in one call."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from label_studio_sdk import ProjectMemberBulkAssignRolesRequest as Role

from checks import explicit, members, refused, snapshot
from reference import FILTERS, activity, matches

LEGACY = "additional_body_parameters"


def written(filters: dict) -> dict:
    """Filters as the bulk methods take them: dates as text."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in filters.items()}


@pytest.mark.parametrize("name", ["nobody", *FILTERS])
def test_what_the_list_shows_is_what_goes(either, new_mixed_project, name):
    project = new_mixed_project()
    team = members(either, project, implicit=False)
    filters = FILTERS[name](team) if name in FILTERS else {"search": "nobody is called this"}
    expected = {m.id for m in team if matches(m, **filters)}
    assert len(expected) < len(team) and bool(expected) == (name != "nobody")

    shown = either.projects.members.paginated.list(project, implicit=False, **filters).response.count
    done = either.projects.members.bulk.delete(project, all_=True, **written(filters))
    assert done.unassignments == shown == len(expected)
    assert done.model_dump() == {"unassignments": shown}
    assert explicit(either, project, **filters) == set()
    assert explicit(either, project) == {m.id for m in team} - expected
    assert either.projects.members.bulk.delete(project, all_=True, **written(filters)).unassignments == 0


def test_everybody_goes_but_who_has_access_anyway_stays_listed(either, new_mixed_project):
    project = new_mixed_project()
    before = members(either, project)
    count = len(explicit(either, project))
    assert either.projects.members.bulk.delete(project, all_=True).unassignments == count
    stay = [m for m in before if m.organization_membership.role in ("OW", "AD")]
    after = members(either, project)
    assert [m.id for m in after] == [m.id for m in stay]
    assert all(m.implicit_member for m in after) and not all(m.implicit_member for m in stay)


@pytest.mark.parametrize("operator", ["and", "or"])
def test_tags_operator(ls, new_mixed_project, operator):
    project = new_mixed_project()
    team = members(ls, project, implicit=False)
    tags = ",".join(str(tag.id) for tag in next(m.tags for m in team if len(m.tags) > 1)[:2])
    expected = {m.id for m in team if matches(m, tags=tags, tags_operator=operator)}
    done = ls.projects.members.bulk.delete(
        project, all_=True, tags=tags, request_options={"additional_query_parameters": {"tags_operator": operator}}
    )
    assert done.unassignments == len(expected) > 0
    assert explicit(ls, project) == {m.id for m in team} - expected


SELECTIONS = {
    "a text": lambda ids: {"included": ",".join(map(str, ids))},
    "a list": lambda ids: {"included": ids},
    "a text without all": lambda ids: {"all_": None, "included": ",".join(map(str, ids))},
    "a legacy body": lambda ids: {"all_": None, "request_options": {LEGACY: {"all": False, "included": ids}}},
    "query and body that agree": lambda ids: {
        "included": ids,
        "request_options": {LEGACY: {"all": False, "included": ids}},
    },
    "more, less the excluded": lambda ids: {"included": [*ids, ids[0] + 1], "excluded": [ids[0] + 1]},
}


@pytest.mark.parametrize("form", SELECTIONS)
def test_included(either, project, annotators, form):
    gone = [i for i in annotators[:7] if i != annotators[0] + 1]
    done = either.projects.members.bulk.delete(project, **{"all_": False, **SELECTIONS[form](gone)})
    assert done.unassignments == len(gone)
    assert explicit(either, project) == set(annotators) - set(gone)


@pytest.mark.parametrize("form", [lambda ids: ",".join(map(str, ids)), list], ids=["a text", "a list"])
def test_all_but_the_excluded(either, project, annotators, form):
    kept = annotators[5:8]
    assert (
        either.projects.members.bulk.delete(project, all_=True, excluded=form(kept)).unassignments
        == len(annotators) - 3
    )
    assert explicit(either, project) == set(kept)


def test_all_but_the_excluded_in_a_legacy_body_with_a_filter_in_the_query(ls, new_project, by_role):
    annotators, reviewers = ([p.user.id for p in by_role(role, 5)] for role in ("AN", "RE"))
    project = new_project(annotators + reviewers)
    options = {LEGACY: {"all": True, "excluded": annotators[:2]}}
    assert ls.projects.members.bulk.delete(project, role="AN", request_options=options).unassignments == 3
    assert explicit(ls, project) == {*annotators[:2], *reviewers}


def test_strangers_among_the_included_do_not_count(ls, project, annotators, by_role):
    strangers = [by_role("RE", 1)[0].user.id, 2**31 - 1]
    assert ls.projects.members.bulk.delete(project, all_=False, included=[*strangers, annotators[0]]).unassignments == 1
    assert ls.projects.members.bulk.delete(project, all_=False, included=strangers).unassignments == 0
    assert explicit(ls, project) == set(annotators[1:])


def test_a_hundred_thousand_ids(ls, project, annotators):
    """In the body: an address that long is refused by the SDK's own transport."""
    ids = [*annotators[2:], *range(10**6, 10**6 + 100_000)]
    options = {LEGACY: {"all": False, "included": ids}}
    assert ls.projects.members.bulk.delete(project, request_options=options).unassignments == len(annotators) - 2
    assert explicit(ls, project) == set(annotators[:2])


def test_calls_at_the_same_time_share_the_count(ls, project, annotators):
    """Nobody is counted twice, whoever comes first. (Two requests that are the same are one.)"""
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(ls.projects.members.bulk.delete, project, all_=True, excluded=[10**6 + n]) for n in range(4)]
        calls += [
            pool.submit(ls.projects.members.bulk.delete, project, all_=False, included=annotators[n::4])
            for n in range(4)
        ]
    assert sum(call.result().unassignments for call in calls) == len(annotators)
    assert explicit(ls, project) == set()


def test_an_empty_selection_is_nobody(ls, project, annotators):
    assert ls.projects.members.bulk.delete(project, all_=False).unassignments == 0
    assert ls.projects.members.bulk.delete(project, request_options={LEGACY: {"all": False}}).unassignments == 0
    assert explicit(ls, project) == set(annotators)


def test_filters_say_nothing_about_the_included(ls, project, annotators):
    done = ls.projects.members.bulk.with_raw_response.delete(
        project, all_=False, included=annotators[:1], role="RE", search="x"
    )
    assert done.data.unassignments == 1
    assert done.headers["roster-ignored"] == "role, search"
    assert explicit(ls, project) == set(annotators[1:])


REFUSALS = {
    "nothing at all": ("all", {}),
    "only excluded": ("all", {"excluded": "1"}),
    "only a filter": ("all", {"role": "AN"}),
    "everybody and a list": ("included", {"all_": True, "included": "1"}),
    "a body without all": ("all", {"request_options": {LEGACY: {"included": [1]}}}),
    "query and body that differ": ("all", {"all_": True, "request_options": {LEGACY: {"all": False, "included": [1]}}}),
    "no boolean": ("all", {"all_": "maybe"}),
    "no ids": ("included", {"all_": False, "included": "1,two"}),
    "an id below 1": ("excluded", {"all_": True, "excluded": "0"}),
    "no role": ("role", {"all_": True, "role": "AN,XX"}),
    "no seat": ("user_type", {"all_": True, "user_type": "window"}),
    "no date": ("last_activity__lte", {"all_": True, "last_activity_lte": "yesterday"}),
    "no tag ids": ("tags", {"all_": True, "tags": "vendor"}),
    "no operator": (
        "tags_operator",
        {"all_": True, "request_options": {"additional_query_parameters": {"tags_operator": "nor"}}},
    ),
    "a misspelt filter": (
        "last_activity_lte",
        {"all_": True, "request_options": {"additional_query_parameters": {"last_activity_lte": "2026-01-01"}}},
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_refused_changes_nothing(either, project, annotators, case):
    field, arguments = REFUSALS[case]
    with refused(400, field):
        either.projects.members.bulk.delete(project, **arguments)
    assert explicit(either, project) == set(annotators)


def test_deactivated_people_go_with_everybody_and_count_when_they_are_meant(ls, organization, new_project, new_person):
    named, sought, dormant, kept = [new_person().id for _ in range(4)]
    project = new_project([named, sought, dormant, kept])
    for user in (named, sought):
        ls.organizations.members.update(organization, user_id=user, role="DI")
    assert ls.projects.members.bulk.delete(project, all_=False, included=[named]).unassignments == 1
    assert ls.projects.members.bulk.delete(project, all_=True, role="DI").unassignments == 1
    ls.organizations.members.update(organization, user_id=dormant, role="DI")
    assert explicit(ls, project, with_deleted=True) == {dormant, kept}
    assert ls.projects.members.bulk.delete(project, all_=True, excluded=[kept]).unassignments == 0
    ls.organizations.members.update(organization, user_id=dormant, role="AN")
    assert explicit(ls, project, with_deleted=True) == {kept}


def test_post_included_with_roles(either, new_project, annotators, by_role):
    reviewer, manager = by_role("RE", 1)[0].user.id, by_role("MA", 1)[0].user.id
    project = new_project()
    roles = [Role(user_id=annotators[0], role="RE"), Role(user_id=reviewer, role="AN")]
    done = either.projects.members.bulk.post(
        project, all_=False, included=[*annotators, reviewer, manager], roles=roles
    )
    assert (done.assignments, done.skipped_user_ids) == (len(annotators) + 2, [])
    given = {m.id: (m.project_role, m.project_role_source) for m in members(either, project, implicit=False)}
    assert given == {
        **dict.fromkeys([*annotators, manager], (None, None)),
        annotators[0]: ("RE", "api"),
        reviewer: ("AN", "api"),
    }
    again = either.projects.members.bulk.post(project, all_=False, included=annotators)
    assert (again.assignments, again.skipped_user_ids) == (0, [])
    assert {m.id for m in members(either, project, role="RE")} == {annotators[0]}


def test_post_everybody_a_filter_matches_but_some(either, organization, new_project, people):
    project = new_project()
    tag = str(next(p.tags[0].id for p in people if p.role == "AN" and p.tags))
    offered = either.organizations.members.list(
        organization, page_size=1000, exclude_project_id=project, tags=int(tag), role="AN"
    )
    candidates = [row.user.id for row in offered]
    done = either.projects.members.bulk.post(project, all_=True, tags=tag, role="AN", excluded=candidates[:2])
    assert done.assignments == len(candidates) - 2 > 0
    assert explicit(either, project) == set(candidates[2:])


NARROW = {
    "role": lambda people: {"role": "RE,MA"},
    "search": lambda people: {"search": "mar"},
    "seat": lambda people: {"user_type": "flex"},
    "until": lambda people: {"last_activity_lte": activity([p.user for p in people], 0.3)},
}


@pytest.mark.parametrize("name", NARROW)
def test_post_filters_like_the_list_of_people_to_add(ls, organization, new_project, people, name):
    filters, tag = NARROW[name](people), min(tag.id for p in people for tag in p.tags)
    project = new_project()
    asked = {f"user_{key}" if "activity" in key else key: value for key, value in filters.items()}
    offered = ls.organizations.members.list(
        organization, page_size=1000, exclude_project_id=float(project), tags=tag, **asked
    )
    fit = {row.user.id for row in offered if row.role not in ("NO", "DI")}
    done = ls.projects.members.bulk.post(project, all_=True, tags=str(tag), **written(filters))
    assert done.assignments == len(fit) > 0
    assert set(done.skipped_user_ids) == {row.user.id for row in offered} - fit
    assert explicit(ls, project) == fit


def test_post_skips_who_may_not_be_a_member(ls, organization, new_project, new_person, by_role, annotators):
    deleted = new_person().id
    ls.organizations.members.delete(organization, deleted)
    unfit = sorted([by_role("DI", 1)[0].user.id, by_role("NO", 1)[0].user.id, deleted, 2**31 - 1])
    project = new_project()
    done = ls.projects.members.bulk.post(project, all_=False, included=[*unfit, annotators[0]])
    assert (done.assignments, done.skipped_user_ids) == (1, unfit)
    assert explicit(ls, project, with_deleted=True) == {annotators[0]}


@pytest.mark.parametrize(
    "roles",
    [
        lambda annotators, manager: [Role(user_id=annotators[0], role="MA")],
        lambda annotators, manager: [Role(user_id=manager, role="AN")],
        lambda annotators, manager: [Role(user_id=annotators[5], role="AN")],
        lambda annotators, manager: [Role(user_id=annotators[0], role="AN"), Role(user_id=annotators[0], role="RE")],
    ],
    ids=["not a project role", "a manager", "nobody selected", "twice the same person"],
)
def test_post_with_roles_that_cannot_be_given_does_nothing(ls, http, new_project, annotators, by_role, roles):
    manager = by_role("MA", 1)[0].user.id
    project = new_project()
    before = snapshot(http, project)
    with refused(400, "roles"):
        ls.projects.members.bulk.post(
            project, all_=False, included=[*annotators[:3], manager], roles=roles(annotators, manager)
        )
    assert snapshot(http, project) == before


def test_post_without_all_is_refused(ls, http, project, annotators):
    answer = http.post(f"/api/projects/{project}/members/bulk/", json={"included": [1]})
    assert (answer.status_code, list(answer.json()["validation_errors"])) == (400, ["all"])
    assert explicit(ls, project) == set(annotators)
