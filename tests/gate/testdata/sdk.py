"""Usage: sdk.py URL TOKEN PROJECT

label-studio-sdk through the gate, as the owner by the owner's own token.
"""

import sys

from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

url, token, project = sys.argv[1], sys.argv[2], int(sys.argv[3])
ls = LabelStudio(base_url=url, api_key=token)


def status(call, *args, **kwargs) -> int:
    try:
        call(*args, **kwargs)
    except ApiError as error:
        return error.status_code
    return 200


# What the Community Edition has.
assert ls.users.whoami().email == "owner@example.com"
assert ls.projects.get(project).id == project
assert project in {p.id for p in ls.projects.list()}
task = ls.tasks.create(project=project, data={"text": "A bird"}).id
assert ls.tasks.get(str(task)).project == project
assert [t.id for t in ls.tasks.list(project=project)] == [task]
made = ls.annotations.create(task, result=[{"from_name": "kind", "to_name": "text", "type": "choices", "value": {"choices": ["Good"]}}], lead_time=1.0)
assert ls.annotations.get(made.id).task == task
assert [a.id for a in ls.annotations.list(task)] == [made.id]
exported = b"".join(ls.projects.exports.download_sync(project, export_type="JSON"))
assert b"A bird" in exported, exported

# What only Enterprise has: members, by the Community Edition's own ids.
people = {u.email: u.id for u in ls.users.list()}
ann, bob = people["ann@example.com"], people["bob@example.com"]
done = ls.projects.members.bulk.post(project, all_=False, included=[ann, bob])
assert done.assignments == 2, done
assert {m.id for m in ls.projects.members.paginated.list(project, implicit=False)} == {ann, bob}
done = ls.projects.members.bulk.delete(project, all_=True, search="bob")
assert done.unassignments == 1, done
done = ls.projects.members.bulk.delete(project, all_=True, excluded=[])
assert done.unassignments == 1, done
assert status(ls.projects.members.bulk.delete, 987654321, all_=True) == 404
