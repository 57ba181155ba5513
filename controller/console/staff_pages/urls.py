"""The accounts of staff: all of them, a new one, one of them."""

from __future__ import annotations

from django.urls import path

from controller.console.staff_pages import views

app_name = "staff"

urlpatterns = [
    path("", views.listing, name="list"),
    path("add/", views.add, name="add"),
    path("<str:name>/change/", views.change, name="change"),
    path("<str:name>/password/", views.password, name="password"),
    path("<str:name>/disable/", views.disable, name="disable"),
    path("<str:name>/enable/", views.enable, name="enable"),
    path("<str:name>/factors/forget/", views.forget_factors, name="forget-factors"),
    path("<str:name>/log-out/", views.end_sessions, name="end-sessions"),
]
