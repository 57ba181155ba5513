"""An account of the staff pages. Its roles and training are what ``controller.staff.roles`` asks for.

Never here: names of people (an account is called what its owner logs in with), what a role may do
(``web.access``), what is asked of a password (``passwords``).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from controller.console.accounts import names
from controller.settings.staff import Role


def new_stamp() -> str:
    return secrets.token_hex(16)


class StaffAccounts(BaseUserManager["StaffAccount"]):
    def make(
        self,
        name: str,
        roles: Collection[Role],
        trained_until: date | None,
        password: str,
        made_until: datetime | None,
    ) -> StaffAccount:
        """A new account, saved. made_until: see StaffAccount. Raises NameUnusable, IntegrityError."""
        account: StaffAccount = self.model(name=names.checked(name), trained_until=trained_until)
        account.give_roles(roles)
        account.give_password(password, made_until)
        account.save(using=self._db)
        return account


class StaffAccount(AbstractBaseUser):
    """trained_until: the last day on which training counts.

    made_until: until when a password that was made for its owner may be used to choose another; None where
    the owner chose it. stamp: sessions are of it, so that another one ends them all.
    """

    name: models.CharField[str, str] = models.CharField(max_length=names.LONGEST, unique=True)
    roles_held: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    trained_until: models.DateField[date | None, date | None] = models.DateField(null=True, blank=True)
    is_active: models.BooleanField[bool, bool] = models.BooleanField(default=True)
    made_until: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True, blank=True
    )
    stamp: models.CharField[str, str] = models.CharField(max_length=32, default=new_stamp)

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[StaffAccounts] = StaffAccounts()

    class Meta:
        db_table = "staff_account"
        ordering: ClassVar[list[str]] = ["name"]

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.roles_held)

    def give_roles(self, roles: Collection[Role]) -> None:
        """Instead of those it has. Not saved yet."""
        self.roles_held = sorted(role.value for role in roles)

    @property
    def must_change_password(self) -> bool:
        return self.made_until is not None

    def give_password(self, password: str, made_until: datetime | None) -> None:
        """Ends all sessions. Not saved yet."""
        self.set_password(password)
        self.made_until = made_until
        self.end_sessions()

    def end_sessions(self) -> None:
        """All that are open. Not saved yet."""
        self.stamp = new_stamp()

    def get_session_auth_hash(self) -> str:
        said = f"{self.password} {self.stamp}"
        return salted_hmac("controller.console.accounts", said, algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """None: with another secret key everybody logs in again."""
        return iter(())
