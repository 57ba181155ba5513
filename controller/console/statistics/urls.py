"""The addresses of the statistics."""

from __future__ import annotations

from django.urls import path

from controller.console.statistics import views

app_name = "statistics"

urlpatterns = [
    path("", views.last, name="visits"),
    path("<slug:month>/", views.month, name="month"),
    path("<slug:month>/statistics.csv", views.csv_file, name="csv"),
]
