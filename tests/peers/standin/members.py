"""Who is a member of a project, and who may see it."""

from datetime import datetime, time, timedelta, timezone

from django.db.models import Exists, OuterRef, Q, Subquery

from .models import OrganizationMember, Project, ProjectMember, UserTag, WorkspaceMember

EVERYWHERE = ("OW", "AD")
VIEWERS = ("MA", "RE", "AN", "VO")


def members(project, params):
    """The active people who are members of project, as their rows in the organization, in order of
    their ids: by a membership of their own alone, with implicit=false."""
    row = ProjectMember.objects.filter(project=project, user=OuterRef("user"), removed_by=None)
    access = Exists(row.filter(explicit=True))
    if params.get("implicit") != "false":
        access |= Q(role__in=EVERYWHERE) | Exists(
            WorkspaceMember.objects.filter(workspace=project.workspace_id, user=OuterRef("user"), removed_by=None)
        )
    people = (
        OrganizationMember.objects.filter(access, organization=project.organization_id, deleted_at=None)
        .exclude(role="DI")
        .annotate(project_role=Subquery(row.values("role")[:1]))
        .select_related("user")
        .order_by("user_id")
    )
    return filtered(people, params)


def filtered(people, params):
    if role := params.get("role"):
        people = people.filter(Q(role__in=("AN", "RE"), project_role=role) | Q(project_role=None, role=role))
    if search := params.get("search"):
        people = people.filter(user__search_text__contains=search.lower())
    if tags := params.get("tags"):
        people = people.filter(Exists(UserTag.objects.filter(user=OuterRef("user"), tag__in=tags.split(","))))
    if start := params.get("last_activity__gte"):
        people = people.filter(user__last_activity__gte=midnight(start))
    if end := params.get("last_activity__lte"):
        people = people.filter(user__last_activity__lt=midnight(end) + timedelta(days=1))
    return people


def midnight(day):
    return datetime.combine(datetime.fromisoformat(day), time(), timezone.utc)


def visible(user):
    """The projects that user may see, in one query."""
    may = Q(organization__organizationmember__role__in=EVERYWHERE)
    may |= Q(organization__organizationmember__role__in=VIEWERS) & (
        Exists(
            ProjectMember.objects.filter(project=OuterRef("pk"), user=user, removed_by=None, explicit=True)
        )
        | Exists(WorkspaceMember.objects.filter(workspace=OuterRef("workspace"), user=user, removed_by=None))
    )
    return Project.objects.filter(
        may,
        deleted_at=None,
        organization__organizationmember__user=user,
        organization__organizationmember__deleted_at=None,
    )
