"""Logging in and out, and one's own account."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from controller.console.accounts.views import account, home
from controller.console.web.access import anybody

app_name = "accounts"

urlpatterns = [
    path("", account, name="account"),
    path("home/", home, name="home"),
    path("login/", anybody(LoginView.as_view(template_name="accounts/login.html")), name="login"),
    path("logout/", anybody(LogoutView.as_view()), name="logout"),
]
