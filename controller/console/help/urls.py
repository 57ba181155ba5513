"""The addresses of help."""

from __future__ import annotations

from django.urls import path

from controller.console.help import views

app_name = "help"

urlpatterns = [
    path("", views.start, name="start"),
    path("sheet/", views.sheet, name="sheet"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
