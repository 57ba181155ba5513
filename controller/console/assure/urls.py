"""The addresses of the page of promises."""

from __future__ import annotations

from django.urls import path

from controller.console.assure import views

app_name = "assure"

urlpatterns = [
    path("", views.promises, name="page"),
    path("examine/", views.examine, name="examine"),
]
