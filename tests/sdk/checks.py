"""What several tests ask of an answer."""

from contextlib import contextmanager

import pytest
from label_studio_sdk.core.api_error import ApiError


@contextmanager
def refused(status: int, field: str | None = None):
    """The block ends in an ApiError with this status and the usual envelope, about this field."""
    with pytest.raises(ApiError) as caught:
        yield caught
    error = caught.value
    assert error.status_code == status, error
    if field:
        assert error.body["status_code"] == status and error.body["detail"] == "Validation error", error
        assert error.body["validation_errors"][field], error


def members(ls, project: int, **filters) -> list:
    """Everybody in a project's member list, through the pager to its end."""
    return list(ls.projects.members.paginated.list(project, page_size=1000, **filters))


def explicit(ls, project: int, **filters) -> set[int]:
    """The ids of the people with a membership of their own."""
    return {m.id for m in members(ls, project, implicit=False, **filters)}


def snapshot(http, project: int) -> list[dict]:
    """All that the member list says of everybody, deactivated people too, word for
    word but for the last activity: asking for a change is one."""
    found, page = [], f"/api/projects/{project}/members/paginated/?with_deleted=true&page_size=1000"
    while page:
        answer = http.get(page).json()
        found += [{**member, "last_activity": None} for member in answer["results"]]
        page = answer["next"]
    return found
