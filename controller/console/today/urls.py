"""The addresses of today."""

from __future__ import annotations

from django.urls import path

from controller.console.today import orders, views

app_name = "today"

urlpatterns = [
    path("", views.now, name="now"),
    path("stream/", views.stream, name="stream"),
    path("lockdown/", orders.lockdown, name="lockdown"),
    path("end-lockdown/", orders.end_lockdown, name="end_lockdown"),
    path("unlock/", orders.unlock, name="unlock"),
]
