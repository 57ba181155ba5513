"""What Django is told of this folder."""

from __future__ import annotations

from django.apps import AppConfig


class Accounts(AppConfig):
    name = "controller.console.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
