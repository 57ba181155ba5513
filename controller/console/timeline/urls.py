"""The addresses of the timeline."""

from __future__ import annotations

from django.urls import path

from controller.console.timeline import views

app_name = "timeline"
urlpatterns = [path("", views.day, name="day")]
