"""What django-allauth asks us: who may log in, by which name, and what is recorded of it.

Nobody gets an account by logging in elsewhere: one of that name is there already, with its roles, or nothing
opens. An identity stays bound to the account that it opened first, whatever name it claims later.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth import login
from django.http import HttpRequest

from controller.console.accounts import names, sessions, throttle
from controller.console.accounts.models import StaffAccount
from controller.console.web.branch import branch_of
from controller.console.web.page import page
from controller.core.event import EventType, JsonValue
from controller.staff.account import Account

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Logs in as ``accounts.views`` does, once all factors were right."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def login(self, request: HttpRequest, user: StaffAccount) -> None:
        """Journal first. Raises JournalUnavailable."""
        branch = branch_of(request)
        used = [str(one.get("type") or one["method"]) for one in get_authentication_records(request, user)]
        with_ = "+".join(dict.fromkeys(used)) or "password"
        branch.record(EventType.CONSOLE_LOGGED_IN, "console", {"with": with_}, by=Account(None, user.name))
        login(request, user, backend=BACKEND)
        sessions.begin(request.session, branch.now())
        throttle.tidy()

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Counted where passwords are looked at."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """There is no mail."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        del request
        return "/account/home/"


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Names its keys plainly."""

    def get_public_key_credential_user_entity(self, user: StaffAccount) -> dict[str, Any]:
        return {"id": str(user.pk).encode(), "display_name": user.name, "name": user.name}


class Identities(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Of the authority's issuer."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        del request, sociallogin
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Finds the account for an identity that comes for the first time. Raises ImmediateHttpResponse."""
        account = sociallogin.user if sociallogin.is_existing else self._found(request, sociallogin)
        if not isinstance(account, StaffAccount) or not account.is_active:
            self._refuse(request, account)
        if not sociallogin.is_existing:
            sociallogin.connect(request, account)

    def _found(self, request: HttpRequest, sociallogin: SocialLogin) -> StaffAccount | None:
        openid = branch_of(request).settings.console.sso
        claim = openid.openid.name_claim if openid and openid.openid else ""
        told = sociallogin.account.extra_data
        name = names.plain(str(told.get("id_token", told).get(claim) or ""))
        account = StaffAccount.objects.filter(name=name).first()
        taken = account is not None and SocialAccount.objects.filter(user=account).exists()
        return None if taken else account  # another identity has it: the name was given to somebody else

    def _refuse(self, request: HttpRequest, account: object) -> None:
        known: dict[str, JsonValue] = {"user": account.name} if isinstance(account, StaffAccount) else {}
        data: dict[str, JsonValue] = {"cause": "no_account", "must_wait": False, "console": True}
        branch_of(request).staff.record(EventType.CONSOLE_LOGIN_REFUSED, "console", data | known)
        raise ImmediateHttpResponse(page(request, "socialaccount/no_account.html", status=403))
