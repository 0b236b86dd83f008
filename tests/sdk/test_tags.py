"""`organizations.member_tags`: tags, many at a time, and who has them."""

from uuid import uuid4

import pytest

from checks import refused


@pytest.fixture
def tags(either):
    return either.organizations.member_tags


@pytest.fixture
def label() -> str:
    return f"Tag {uuid4().hex[:12]}"


@pytest.fixture
def new_tag(ls, organization):
    return lambda: ls.organizations.member_tags.create(organization, label=f"Tag {uuid4().hex[:12]}").id


@pytest.fixture
def tags_of(ls, organization):
    """The ids of a person's tags."""

    def of(person) -> set[int]:
        (row,) = list(ls.organizations.members.list(organization, search=person.email))
        return {tag.id for tag in row.tags}

    return of


def test_create_get_update_and_delete(tags, organization, label):
    made = tags.create(organization, label=label)
    assert (made.label, made.organization, made.member_count) == (label, organization, 0)
    assert tags.get(organization, made.id).label == label
    assert tags.update(organization, made.id, label=label + "!").label == label + "!"
    assert [t.id for t in tags.list(organization, search=label).results] == [made.id]
    tags.delete(organization, made.id)
    assert tags.list(organization, search=label).count == 0
    with refused(404):
        tags.get(organization, made.id)


def test_labels_are_unique_ignoring_case(tags, organization, label):
    made = tags.create(organization, label=label)
    with refused(400, "label"):
        tags.create(organization, label=label.upper())
    with refused(400, "label"):
        tags.create(organization, label="")
    assert [t.id for t in tags.list(organization, search=label).results] == [made.id]


def test_list_has_pages(tags, organization):
    count = tags.list(organization).count
    sizes = [len(tags.list(organization, page=page, page_size=7).results) for page in range(1, count // 7 + 3)]
    assert count >= 20 and sum(sizes) == count and sizes[-1] == 0


@pytest.mark.parametrize("form", ["list", "text", "body"])
def test_bulk_create_and_delete(tags, organization, label, form):
    labels = [f"{label} {n}" for n in range(3)]
    assert tags.bulk.post(organization, labels=[*labels, labels[0]]).created == 3
    assert tags.bulk.post(organization, labels=[labels[0], f"{label} 3"]).created == 1
    ids = [t.id for t in tags.list(organization, search=label).results]
    assert len(ids) == 4
    doomed = ids[:3]
    if form == "list":
        done = tags.bulk.delete(organization, ids=doomed)
    elif form == "text":
        done = tags.bulk.delete(organization, ids=",".join(map(str, doomed)))
    else:
        done = tags.bulk.delete(organization, request_options={"additional_body_parameters": {"ids": doomed}})
    assert done.deleted == 3
    assert [t.id for t in tags.list(organization, search=label).results] == ids[3:]


def test_assign_adds_and_overwrite_replaces(tags, organization, new_person, new_tag, tags_of):
    first, second = new_tag(), new_tag()
    ada, bob = new_person(), new_person()

    def assign(people, given, **options):
        return tags.assign(
            organization,
            all_=False,
            included=[p.id for p in people],
            bulk_organization_member_tag_assignment_request_tags=given,
            **options,
        ).assigned

    assert assign([ada, bob], [first]) == 2
    assert assign([ada], [second]) == 1
    assert (tags_of(ada), tags_of(bob)) == ({first, second}, {first})
    assert tags.get(organization, first).member_count == 2
    assign([ada], [second], overwrite=True)
    assert tags_of(ada) == {second}
    assign([ada], [], overwrite=True)
    assert (tags_of(ada), tags_of(bob)) == (set(), {first})


def test_the_tags_of_the_query_filter_and_the_tags_of_the_body_are_given(
    tags, organization, new_person, new_tag, tags_of
):
    old, given = new_tag(), new_tag()
    ada, bob, eve = new_person(), new_person(), new_person()
    tags.assign(
        organization, all_=False, included=[ada.id, bob.id], bulk_organization_member_tag_assignment_request_tags=[old]
    )
    done = tags.assign(
        organization,
        all_=True,
        tags=str(old),
        excluded=[bob.id],
        bulk_organization_member_tag_assignment_request_tags=[given],
    )
    assert done.assigned == 1
    assert [tags_of(p) for p in (ada, bob, eve)] == [{old, given}, {old}, set()]


def test_a_deleted_tag_is_nobodys(ls, organization, new_person, new_tag, tags_of):
    ada, tag = new_person(), new_tag()
    ls.organizations.member_tags.assign(
        organization, all_=False, included=[ada.id], bulk_organization_member_tag_assignment_request_tags=[tag]
    )
    ls.organizations.member_tags.delete(organization, tag)
    assert tags_of(ada) == set()
