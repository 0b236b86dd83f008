"""The main job, on the demo organization: a vendor's idle annotators leave the largest project, and come back."""

from datetime import datetime, timedelta, timezone

from checks import refused, snapshot
from reference import matches

VENDOR = "Kestrel Data Services"
IDLE = timedelta(days=60)


def test_off_boarding_a_vendors_idle_annotators(ls, http, organization):
    (tag,) = [t for t in ls.organizations.member_tags.list(organization, search=VENDOR).results if t.label == VENDOR]
    project = max(ls.projects.list(page_size=100), key=lambda p: p.members_count)
    since = datetime.now(timezone.utc) - IDLE
    before = snapshot(http, project.id)

    # Who is meant, found without the filters that are to find them.
    everybody = list(ls.projects.members.paginated.list(project.id, page_size=1000))
    idle = {
        m.id
        for m in everybody
        if not m.implicit_member and matches(m, role="AN", tags=str(tag.id), last_activity_lte=since)
    }
    assert 0 < len(idle) < len(everybody) and len(everybody) > 700

    whom = {"all": "true", "role": "AN", "tags": tag.id, "last_activity__lte": since.isoformat(), "page_size": 1000}
    preview = f"/api/roster/projects/{project.id}/members/bulk/preview"
    shown = http.post(preview, params=whom).json()
    assert shown["count"] == len(idle) and {person["id"] for person in shown["results"]} == idle

    def off_board(plan: str):
        return ls.projects.members.bulk.with_raw_response.delete(
            project.id,
            all_=True,
            role="AN",
            tags=str(tag.id),
            last_activity_lte=since.isoformat(),
            request_options={"additional_headers": {"If-Match": f'"{plan}"'}},
        )

    done = off_board(shown["plan"])
    assert done.data.unassignments == len(idle)
    after = {m["id"]: m["implicit_member"] for m in snapshot(http, project.id)}
    stay = idle & after.keys()  # through the workspace
    assert after.keys() == {m["id"] for m in before} - idle | stay
    assert len(stay) == shown["keep_access"]["count"] and all(after[i] for i in stay)
    assert ls.projects.get(project.id).members_count == project.members_count - len(idle)
    with refused(412):
        off_board(shown["plan"])

    undo = http.post(f"/api/roster/operations/{done.headers['roster-operation']}/undo/").json()
    assert (undo["changed"], undo["counts"]) == (len(idle), {"restored": len(idle)})
    assert snapshot(http, project.id) == before
    assert http.post(preview, params=whom).json()["open_assignments"] == shown["open_assignments"] > 0
