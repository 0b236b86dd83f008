from django.urls import path

from . import views

urlpatterns = [
    path("decision", views.decision),
    path("api/projects/", views.ProjectList.as_view()),
    path("api/projects/<int:project>/", views.ProjectDetail.as_view()),
    path("api/projects/<int:project>/members/paginated/", views.MemberList.as_view()),
    path("api/projects/<int:project>/members/bulk/", views.MembersInBulk.as_view()),
]
