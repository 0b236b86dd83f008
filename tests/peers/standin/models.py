"""The tables that Roster's lists and decisions read, with the same indexes.

Memberships of projects have no constraints on their keys, as Roster's have none: a check a row
would make a removal of everybody dearer.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import CASCADE, DO_NOTHING, Q


class Organization(models.Model):
    title = models.TextField()


class Tag(models.Model):
    organization = models.ForeignKey(Organization, CASCADE)
    label = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint("organization", "label", name="standin_tag_label")]


class User(AbstractBaseUser):
    email = models.EmailField(unique=True)
    username = models.TextField()
    first_name = models.TextField()
    last_name = models.TextField()
    phone = models.TextField()
    # Folded when it is written, as Roster's is, so that no search has to.
    search_text = models.TextField()
    date_joined = models.DateTimeField()
    last_activity = models.DateTimeField(null=True)
    active_organization = models.ForeignKey(Organization, CASCADE, null=True, db_index=False)
    tags = models.ManyToManyField(Tag, through="UserTag")

    USERNAME_FIELD = "email"


class UserTag(models.Model):
    user = models.ForeignKey(User, CASCADE, db_index=False)
    tag = models.ForeignKey(Tag, CASCADE, db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint("user", "tag", name="standin_usertag_pair")]
        indexes = [models.Index("tag", "user", name="standin_usertag_tag")]


class OrganizationMember(models.Model):
    organization = models.ForeignKey(Organization, CASCADE, db_index=False)
    user = models.ForeignKey(User, CASCADE, related_name="memberships")
    role = models.CharField(max_length=2)
    user_type = models.TextField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("organization", "user", name="standin_orgmember_pair")]
        indexes = [
            models.Index("organization", "user", condition=Q(role__in=["OW", "AD"]), name="standin_orgmember_implicit"),
            models.Index(
                "organization", "user", condition=Q(role="DI") | Q(deleted_at__isnull=False), name="standin_orgmember_inactive"
            ),
        ]


class Workspace(models.Model):
    organization = models.ForeignKey(Organization, CASCADE)
    title = models.TextField()


class WorkspaceMember(models.Model):
    workspace = models.ForeignKey(Workspace, DO_NOTHING, db_index=False, db_constraint=False)
    user = models.ForeignKey(User, DO_NOTHING, db_constraint=False)
    removed_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "user"], condition=Q(removed_by=None), name="standin_wsmember_active"
            )
        ]


class Project(models.Model):
    organization = models.ForeignKey(Organization, CASCADE)
    workspace = models.ForeignKey(Workspace, CASCADE, null=True)
    title = models.TextField()
    description = models.TextField()
    color = models.TextField()
    created_by = models.ForeignKey(User, CASCADE, db_index=False)
    created_at = models.DateTimeField()
    is_published = models.BooleanField()
    deleted_at = models.DateTimeField(null=True)


class Task(models.Model):
    project = models.ForeignKey(Project, DO_NOTHING, db_constraint=False)
    data = models.TextField()
    created_at = models.DateTimeField()


class Operation(models.Model):
    project = models.ForeignKey(Project, DO_NOTHING, null=True, db_constraint=False)
    actor = models.ForeignKey(User, DO_NOTHING, db_index=False, db_constraint=False)
    kind = models.TextField()
    at = models.DateTimeField()
    selector = models.TextField()
    changed = models.BigIntegerField(default=0)


class ProjectMember(models.Model):
    """One membership: active while removed_by is null. Its role, where there is one, is the
    project's own for this person."""

    project = models.ForeignKey(Project, DO_NOTHING, db_index=False, db_constraint=False)
    user = models.ForeignKey(User, DO_NOTHING, db_index=False, db_constraint=False)
    explicit = models.BooleanField(default=True)
    role = models.CharField(max_length=2, null=True)
    added_by = models.ForeignKey(Operation, DO_NOTHING, db_index=False, db_constraint=False, related_name="+")
    removed_by = models.ForeignKey(
        Operation, DO_NOTHING, null=True, db_index=False, db_constraint=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"], condition=Q(removed_by=None), name="standin_projectmember_active"
            )
        ]
        indexes = [
            models.Index(
                "removed_by", "user", condition=Q(removed_by__isnull=False), name="standin_projectmember_removed"
            )
        ]


class History(models.Model):
    """What an operation did to one person: for the kind of history that is a row a person."""

    operation = models.ForeignKey(Operation, DO_NOTHING, db_index=False, db_constraint=False)
    user = models.ForeignKey(User, DO_NOTHING, db_index=False, db_constraint=False)
    project = models.ForeignKey(Project, DO_NOTHING, db_index=False, db_constraint=False)
    action = models.TextField()

    class Meta:
        indexes = [models.Index("operation", "user", name="standin_history_operation")]
