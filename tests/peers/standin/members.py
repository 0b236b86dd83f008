"""Who is a member of a project, and who may see it."""

from datetime import datetime, time, timedelta, timezone

from django.db.models import Exists, F, OuterRef, Q, Subquery

from .models import OrganizationMember, Project, ProjectMember, UserTag, WorkspaceMember

EVERYWHERE = ("OW", "AD")
VIEWERS = ("MA", "RE", "AN", "VO")


def members(project, params):
    """The active people who are members of project, in order of their ids: by a membership of their
    own alone, with implicit=false. Each has its user, org_role and project_role."""
    people = own(project) if params.get("implicit") == "false" else by_any_path(project)
    return filtered(people.select_related("user").order_by("user_id"), params)


def own(project):
    """From the memberships: those who were deactivated are few, and taken off."""
    organization = OrganizationMember.objects.filter(organization=project.organization_id)
    inactive = organization.filter(Q(role="DI") | Q(deleted_at__isnull=False))
    return (
        ProjectMember.objects.filter(project=project, removed_by=None, explicit=True)
        .exclude(user__in=inactive.values("user"))
        .annotate(
            org_role=Subquery(organization.filter(user=OuterRef("user")).values("role")[:1]), project_role=F("role")
        )
    )


def by_any_path(project):
    """From the organization: everybody whom one of the paths lets in."""
    row = ProjectMember.objects.filter(project=project, user=OuterRef("user"), removed_by=None)
    guest = WorkspaceMember.objects.filter(workspace=project.workspace_id, user=OuterRef("user"), removed_by=None)
    return (
        OrganizationMember.objects.filter(
            Exists(row.filter(explicit=True)) | Q(role__in=EVERYWHERE) | Exists(guest),
            organization=project.organization_id,
            deleted_at=None,
        )
        .exclude(role="DI")
        .annotate(org_role=F("role"), project_role=Subquery(row.values("role")[:1]))
    )


def filtered(people, params):
    if role := params.get("role"):
        people = people.filter(Q(org_role__in=("AN", "RE"), project_role=role) | Q(project_role=None, org_role=role))
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
