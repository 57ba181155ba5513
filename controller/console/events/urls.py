"""The address of an event: its id."""

from __future__ import annotations

from django.urls import path

from controller.console.events import views

app_name = "events"
urlpatterns = [path("<uuid:event_id>/", views.event, name="event")]
