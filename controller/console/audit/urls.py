"""The addresses of the audit."""

from __future__ import annotations

from django.urls import path

from controller.console.audit import views

app_name = "audit"

urlpatterns = [
    path("", views.record, name="list"),
    path("file/", views.file, name="file"),
]
