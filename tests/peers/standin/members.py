"""Who is a member of a project, and who may see it."""

from datetime import datetime, time, timedelta, timezone

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, Subquery

from .models import OrganizationMember, Project, ProjectMember, UserTag, WorkspaceMember

EVERYWHERE = ("OW", "AD")
VIEWERS = ("MA", "RE", "AN", "VO")


def members(project, params):
    """The active people who are members of project, in order of their ids: by a membership of their
    own alone, with implicit=false. Each has its user, org_role and project_role."""
    people = (own if params.get("implicit") == "false" else by_any_path)(project, params.get("role"))
    return filtered(people.select_related("user").order_by("user_id"), params)


# What a page shows of somebody's roles is asked for with the page, and joined only to filter by it.
def own(project, role):
    """From the memberships: those who were deactivated are few, and taken off."""
    organization = OrganizationMember.objects.filter(organization=project.organization_id)
    inactive = organization.filter(Q(role="DI") | Q(deleted_at__isnull=False))
    people = (
        ProjectMember.objects.filter(project=project, removed_by=None, explicit=True)
        .exclude(user__in=inactive.values("user"))
        .annotate(
            org_role=Subquery(organization.filter(user=OuterRef("user")).values("role")[:1]), project_role=F("role")
        )
    )
    if role is None:
        return people
    there = Q(user__memberships__organization=project.organization_id)
    return people.annotate(there=FilteredRelation("user__memberships", condition=there)).filter(
        Q(there__role__in=("AN", "RE"), role=role) | Q(there__role=role, role=None)
    )


def by_any_path(project, role):
    """From the organization: everybody whom one of the paths lets in."""
    row = ProjectMember.objects.filter(project=project, user=OuterRef("user"), removed_by=None)
    guest = WorkspaceMember.objects.filter(workspace=project.workspace_id, user=OuterRef("user"), removed_by=None)
    people = (
        OrganizationMember.objects.filter(
            Exists(row.filter(explicit=True)) | Q(role__in=EVERYWHERE) | Exists(guest),
            organization=project.organization_id,
            deleted_at=None,
        )
        .exclude(role="DI")
        .annotate(org_role=F("role"), project_role=Subquery(row.values("role")[:1]))
    )
    if role is None:
        return people
    here = Q(user__projectmember__project=project, user__projectmember__removed_by=None)
    return people.annotate(here=FilteredRelation("user__projectmember", condition=here)).filter(
        Q(role__in=("AN", "RE"), here__role=role) | Q(role=role, here__role=None)
    )


def filtered(people, params):
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
