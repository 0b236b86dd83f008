"""`projects.roles`: what a project makes of a person, whatever the organization says."""

from checks import explicit, members, refused


def test_add_get_replace_and_remove(either, project, annotators):
    user = annotators[0]
    added = either.projects.roles.add(project=project, user=user, role="RE")
    assert (added.project, added.user, added.role, added.role_source) == (project, user, "RE", "api")
    assert [(r.id, r.user, r.role) for r in either.projects.roles.get(project)] == [(added.id, user, "RE")]
    assert {m.id for m in members(either, project, role="RE")} == {user}
    replaced = either.projects.roles.add(project=project, user=user, role="AN")
    assert [(r.id, r.role) for r in either.projects.roles.get(project)] == [(replaced.id, "AN")]
    either.projects.roles.remove(replaced.id)
    assert either.projects.roles.get(project) == []
    with refused(404):
        either.projects.roles.remove(replaced.id)


def test_list_is_the_callers_own(server, ls, new_project, new_person):
    person = new_person()
    one, other = (new_project([person.id], {person.id: "RE"}) for _ in range(2))
    theirs = server.client(server.token_of(person.email))
    assert {(r.project, r.user, r.role) for r in theirs.projects.roles.list()} == {
        (p, person.id, "RE") for p in (one, other)
    }
    assert [r.project for r in theirs.projects.roles.list(ids=[other])] == [other]
    assert [r.project for r in theirs.projects.roles.list(ids=str(one))] == [one]
    assert ls.projects.roles.list(ids=[one, other]) == []


def test_roles_that_cannot_be_given(ls, project, annotators, by_role):
    manager, view_only = by_role("MA", 1)[0].user.id, by_role("VO", 1)[0].user.id
    ls.projects.members.bulk.post(project, all_=False, included=[manager, view_only])
    for user in (manager, view_only, by_role("RE", 1)[0].user.id):  # the last is no member
        with refused(400, "user"):
            ls.projects.roles.add(project=project, user=user, role="AN")
    for role in ("MA", "OW", "VO", "??"):
        with refused(400, "role"):
            ls.projects.roles.add(project=project, user=annotators[0], role=role)
    assert ls.projects.roles.get(project) == []


def test_a_role_goes_with_the_membership(ls, project, annotators):
    user = annotators[0]
    ls.projects.roles.add(project=project, user=user, role="RE")
    ls.projects.members.remove(project, user=user)
    assert ls.projects.roles.get(project) == []
    ls.projects.members.add(project, user=user)
    assert {m.project_role for m in members(ls, project, ids=str(user))} == {None}


def test_a_role_stays_with_access_through_the_workspace(ls, new_project, annotators):
    user, workspace = annotators[0], ls.workspaces.create(title="Roles").id
    project = new_project([user], {user: "RE"}, workspace=workspace)
    ls.workspaces.members.create(workspace, user=user)
    ls.projects.members.remove(project, user=user)
    assert explicit(ls, project) == set()
    (left,) = members(ls, project, ids=str(user))
    assert (left.implicit_member, left.project_role) == (True, "RE")
    ls.workspaces.members.delete(workspace, user_id=user)
    assert members(ls, project, ids=str(user)) == []
    assert ls.projects.roles.get(project) == []
