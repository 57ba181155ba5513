"""The addresses of the pages about memberships."""

from __future__ import annotations

from django.urls import path

from controller.console.memberships import views

app_name = "memberships"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("import/", views.hand_over, name="import"),
    path("import/progress/", views.progress, name="progress"),
]
