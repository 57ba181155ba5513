"""Logging in and out, and one's own account."""

from __future__ import annotations

from django.urls import path

from controller.console.accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.account, name="account"),
    path("home/", views.home, name="home"),
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("password/", views.password, name="password"),
    path("sessions/end/", views.end_other_sessions, name="end-sessions"),
]
