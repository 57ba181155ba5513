"""What is typed on the pages about accounts, checked: each fault a sentence that says what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from controller.console.accounts import names
from controller.console.accounts.models import StaffAccount
from controller.settings.staff import NEED_TRAINING, Role

LONGEST_TYPED = 1000


def typed(missing: str) -> dict[str, Any]:
    """Options of a box that may not be left empty."""
    return {"max_length": LONGEST_TYPED, "error_messages": {"required": missing}}


class LogIn(forms.Form):
    name = forms.CharField(**typed("Enter the name of your account"))
    password = forms.CharField(**typed("Enter your password"), strip=False)

    def clean_name(self) -> str:
        return names.plain(str(self.cleaned_data["name"]))


class ChoosePassword(forms.Form):
    """account: whose. It must know its present password."""

    present = forms.CharField(
        **typed("Enter the password that you have now"),
        strip=False,
    )
    new = forms.CharField(**typed("Enter a new password"), strip=False)
    again = forms.CharField(**typed("Enter the new password again"), strip=False)

    def __init__(self, account: StaffAccount, *given: Any) -> None:
        super().__init__(*given)
        self._account = account

    def clean_new(self) -> str:
        new = str(self.cleaned_data["new"])
        validate_password(new, self._account)
        return new

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if "new" in found and "again" in found and found["new"] != found["again"]:
            self.add_error("again", "Type the same new password in both boxes")
        if "new" in found and found.get("present") == found["new"]:
            self.add_error("new", "Choose a password that you do not have yet")
        return found


class Standing(forms.Form):
    """Roles and the last day of training. Days come in three boxes."""

    roles = forms.MultipleChoiceField(
        choices=[(role.value, role.value) for role in Role],
        error_messages={
            "required": "Choose at least one role",
            "invalid_choice": "Choose from the roles shown",
        },
    )
    day = forms.CharField(max_length=4, required=False)
    month = forms.CharField(max_length=4, required=False)
    year = forms.CharField(max_length=6, required=False)

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        boxes = [str(found.get(name, "")).strip() for name in ("day", "month", "year")]
        found["trained_until"] = None
        if any(boxes):
            try:
                found["trained_until"] = date(int(boxes[2]), int(boxes[1]), int(boxes[0]))
            except ValueError:
                self.add_error("day", "Enter the last day of training as numbers, such as 31 3 2027")
        found["given"] = frozenset(Role(name) for name in found.get("roles", ()))
        return found

    @property
    def wants_training(self) -> bool:
        """A role was chosen that does not count without training, and no day was entered."""
        found = self.cleaned_data
        return bool(found["given"] & NEED_TRAINING) and found["trained_until"] is None


class NewAccount(Standing):
    name = forms.CharField(**typed("Enter a name for the account"))

    field_order = ("name", "roles", "day", "month", "year")

    def clean_name(self) -> str:
        try:
            return names.checked(str(self.cleaned_data["name"]))
        except names.NameUnusable as error:
            raise forms.ValidationError(str(error)) from error
