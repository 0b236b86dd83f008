"""`projects`: make, list, read, change, delete."""

from uuid import uuid4

from checks import refused


def test_create_get_update_and_delete(either, organization):
    title = f"Invoices {uuid4().hex[:12]}"
    made = either.projects.create(title=title, description="Totals and dates", color="#617ADA")
    assert (made.title, made.description, made.organization) == (title, "Totals and dates", organization)
    got = either.projects.get(made.id)
    assert (got.title, got.color, got.members_count, got.created_at) == (title, "#617ADA", 0, made.created_at)
    assert got.created_by.email == either.users.whoami().email
    changed = either.projects.update(made.id, description="", is_published=True)
    assert (changed.title, changed.description, changed.is_published) == (title, "", True)
    assert either.projects.get(made.id).is_published
    either.projects.delete(made.id)
    with refused(404):
        either.projects.get(made.id)
    assert made.id not in {p.id for p in either.projects.list(ids=str(made.id))}


def test_the_pager_ends(either, new_project):
    mine = {new_project() for _ in range(7)}
    pager = either.projects.list(ids=",".join(map(str, mine)), page_size=3)
    listed = [p.id for p in pager]
    assert len(listed) == pager.response.count == 7
    assert set(listed) == mine


def test_list_filters(ls, new_project):
    workspace = ls.workspaces.create(title=f"Filtered {uuid4().hex[:12]}").id
    inside, outside = new_project(workspace=workspace), new_project()
    assert [p.id for p in ls.projects.list(workspaces=workspace)] == [inside]
    title = ls.projects.get(outside).title
    assert [p.id for p in ls.projects.list(title=title)] == [outside]
    assert [p.id for p in ls.projects.list(search=title.upper())] == [outside]


def test_a_project_shows_some_of_its_members(ls, project, annotators):
    assert ls.projects.get(project).members_count == len(annotators)
    (listed,) = ls.projects.list(ids=str(project), members_limit=3)
    assert (len(listed.members), listed.members_count) == (3, len(annotators))
    assert {m["id"] for m in listed.members} <= set(annotators)


def test_a_title_is_3_to_50_characters(ls, project):
    for title in ("ab", "x" * 51):
        with refused(400, "title"):
            ls.projects.create(title=title)
        with refused(400, "title"):
            ls.projects.update(project, title=title)
    assert ls.projects.update(project, title="é" * 50).title == "é" * 50
