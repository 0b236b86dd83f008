"""The endpoints that are measured, under the addresses that Roster gives them."""

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import JsonResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import APIView

from .members import members, visible
from .models import History, Operation, OrganizationMember, Project, ProjectMember, Tag, Task, User


class Pages(PageNumberPagination):
    page_size = 30
    page_size_query_param = "page_size"
    max_page_size = 1000


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "first_name", "last_name", "email"]


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["id", "label"]


class MemberSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="user.id")
    first_name = serializers.CharField(source="user.first_name")
    last_name = serializers.CharField(source="user.last_name")
    username = serializers.CharField(source="user.username")
    email = serializers.CharField(source="user.email")
    phone = serializers.CharField(source="user.phone")
    date_joined = serializers.DateTimeField(source="user.date_joined")
    last_activity = serializers.DateTimeField(source="user.last_activity")
    active_organization = serializers.IntegerField(source="user.active_organization_id")
    tags = TagSerializer(source="user.tags", many=True)
    role = serializers.CharField(source="org_role")
    project_role = serializers.CharField()


def managed(request, project):
    """The project, for whoever manages its members. Everybody who asks here is the Owner."""
    return get_object_or_404(visible(request.user), pk=project)


class MemberList(ListAPIView):
    serializer_class = MemberSerializer
    pagination_class = Pages

    def get_queryset(self):
        project = managed(self.request, self.kwargs["project"])
        return members(project, self.request.query_params).prefetch_related(
            Prefetch("user__tags", Tag.objects.only("id", "label"))
        )


class MembersInBulk(APIView):
    @transaction.atomic
    def delete(self, request, project):
        """Ends memberships in one statement, and records it: as a row a person, or with
        history=operation as the one row of the operation, which the memberships name."""
        project, params = managed(request, project), request.query_params
        Project.objects.select_for_update().get(pk=project.pk)
        rows = ProjectMember.objects.filter(project=project, removed_by=None, explicit=True)
        if params.keys() - {"all", "history"}:
            people = members(project, params.dict() | {"implicit": "false"})
            rows = rows.filter(user__in=people.order_by().values("user"))
        operation = Operation.objects.create(
            project=project, actor=request.user, kind="unassign", at=timezone.now(), selector=params.urlencode()
        )
        if params.get("history") != "operation":
            History.objects.bulk_create(
                (
                    History(operation=operation, user_id=user, project=project, action="removed")
                    for user in rows.values_list("user_id", flat=True).iterator()
                ),
                batch_size=5000,
            )
        operation.changed = rows.update(removed_by=operation)
        operation.save(update_fields=["changed"])
        return Response({"unassignments": operation.changed})

    @transaction.atomic
    def post(self, request, project):
        """Makes the people whose ids are given members."""
        project = managed(request, project)
        operation = Operation.objects.create(project=project, actor=request.user, kind="assign", at=timezone.now())
        people = OrganizationMember.objects.filter(organization=project.organization_id, deleted_at=None)
        active = set(people.exclude(role="DI").values_list("user_id", flat=True))
        there = ProjectMember.objects.filter(project=project, removed_by=None).values_list("user_id", flat=True)
        made = sorted(active.intersection(request.data["included"]).difference(there))
        ProjectMember.objects.bulk_create(
            (ProjectMember(project=project, user_id=user, added_by=operation) for user in made), batch_size=5000
        )
        Operation.objects.filter(pk=operation.pk).update(changed=len(made))
        return Response({"assignments": len(made)}, status=201)


class ProjectSerializer(serializers.ModelSerializer):
    workspace_title = serializers.CharField(source="workspace.title", default=None)
    created_by = UserSerializer()
    members_count = serializers.IntegerField()
    task_number = serializers.IntegerField()

    class Meta:
        model = Project
        fields = [
            "id", "title", "description", "color", "organization", "workspace", "workspace_title", "created_by",
            "created_at", "is_published", "members_count", "task_number",
        ]  # fmt: skip


def counted(user):
    """The projects that user may see, with their counts: subqueries, which the page alone pays for."""
    of_project = ProjectMember.objects.filter(project=OuterRef("pk"), removed_by=None, explicit=True)
    # Those who were deactivated are few, and found by an index of their own.
    inactive = OrganizationMember.objects.filter(
        Q(role="DI") | Q(deleted_at__isnull=False), organization=user.active_organization_id
    )
    return visible(user).select_related("workspace", "created_by").annotate(
        members_count=count_of(of_project) - count_of(of_project.filter(user__in=inactive.values("user"))),
        task_number=count_of(Task.objects.filter(project=OuterRef("pk"))),
    )


def count_of(rows):
    counts = rows.order_by().values("project").annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


class ProjectList(ListAPIView):
    serializer_class = ProjectSerializer
    pagination_class = Pages

    def get_queryset(self):
        return counted(self.request.user).order_by("-id")


class ProjectDetail(RetrieveAPIView):
    def retrieve(self, request, project):
        project = get_object_or_404(counted(request.user), pk=project)
        first = members(project, {"implicit": "false"})[:10]
        shown = UserSerializer([m.user for m in first], many=True).data
        return Response(ProjectSerializer(project).data | {"members": shown})


def decision(request):
    """Whether a person may see a project. It is for programs on this machine, so nobody signs in."""
    allowed = visible(request.GET["user"]).filter(pk=request.GET["project"]).exists()
    return JsonResponse({"allowed": allowed})
