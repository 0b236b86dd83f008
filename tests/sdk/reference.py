"""Whom a filter means, computed from a full list: the contract's semantics once more, in Python."""

from datetime import datetime


def effective_role(member) -> str:
    """A project's role stands before the organization's, for annotators and reviewers."""
    role = member.organization_membership.role
    return member.project_role or role if role in ("AN", "RE") else role


def matches(
    member,
    *,
    role="",
    tags="",
    tags_operator="or",
    search="",
    user_type="",
    last_activity_gte=None,
    last_activity_lte=None,
) -> bool:
    """Whether a project member satisfies every filter that is given."""
    return (
        (not role or effective_role(member) in role.split(","))
        and (not user_type or (member.user_type or "standard") in user_type.split(","))
        and (not tags or tagged(member, tags, tags_operator))
        and found(member, search)
        and active_between(member, last_activity_gte, last_activity_lte)
    )


def tagged(member, tags: str, operator: str) -> bool:
    wanted, has = {int(tag) for tag in tags.split(",")}, {tag.id for tag in member.tags}
    return wanted <= has if operator == "and" else bool(wanted & has)


def found(person, search: str) -> bool:
    """Every term occurs in one of the four fields, ignoring case."""
    fields = [(text or "").casefold() for text in (person.first_name, person.last_name, person.email, person.username)]
    return all(any(term in field for field in fields) for term in search.casefold().replace(",", " ").split())


def active_between(person, since: datetime | None, until: datetime | None) -> bool:
    """Both bounds are inclusive, and who was never active is within none."""
    at = person.last_activity
    return not (since or until) or bool(at and (not since or at >= since) and (not until or at <= until))


def some_tags(members) -> str:
    """Three of the tags that the members have."""
    return ",".join(map(str, sorted({tag.id for m in members for tag in m.tags})[:3]))


def activity(members, part: float) -> datetime:
    """The time of last activity that so great a part of the members were not active after."""
    times = sorted(m.last_activity for m in members if m.last_activity)
    return times[int(part * len(times))]


# Every filter that lists and bulk operations share, alone and together, made so
# that each matches some of the given members and not others.
FILTERS = {
    "role": lambda team: {"role": "RE"},
    "roles": lambda team: {"role": "AN,MA"},
    "tags": lambda team: {"tags": some_tags(team)},
    "search": lambda team: {"search": team[0].last_name.upper()},
    "terms": lambda team: {"search": "example.net, AN"},
    "seat": lambda team: {"user_type": "viewonly"},
    "seats": lambda team: {"user_type": "standard,flex"},
    "since": lambda team: {"last_activity_gte": activity(team, 0.5)},
    "until": lambda team: {"last_activity_lte": activity(team, 0.5)},
    "within": lambda team: {"last_activity_gte": activity(team, 0.3), "last_activity_lte": activity(team, 0.6)},
    "several": lambda team: {"role": "AN,RE", "tags": some_tags(team), "last_activity_lte": activity(team, 0.7)},
}
