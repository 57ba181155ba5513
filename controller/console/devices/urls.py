"""The addresses of the pages about devices and settings."""

from __future__ import annotations

from django.urls import path

from controller.console.devices import picture_views, views

app_name = "devices"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("settings/", views.settings, name="settings"),
    path("doors/<slug:door>/readers/<slug:reader>/", views.reader, name="reader"),
    path("cameras/<slug:camera>/picture/", picture_views.ask, name="picture"),
    path("pictures/<slug:token>/", picture_views.shown, name="shown"),
    path("pictures/<slug:token>/picture.jpg", picture_views.jpeg, name="jpeg"),
]
