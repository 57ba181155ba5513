"""An account of the staff pages. Its roles and training are what ``controller.staff.roles`` asks for.

Never here: names of people. An account is called what its owner logs in with.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from controller.settings.staff import Role


class StaffAccount(AbstractBaseUser):
    """trained_until: the last day on which training counts."""

    name: models.CharField[str, str] = models.CharField(max_length=64, unique=True)
    roles_held: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    trained_until: models.DateField[date | None, date | None] = models.DateField(null=True, blank=True)
    is_active: models.BooleanField[bool, bool] = models.BooleanField(default=True)

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[BaseUserManager[StaffAccount]] = BaseUserManager()

    class Meta:
        db_table = "staff_account"

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.roles_held)
