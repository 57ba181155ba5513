"""The pages of django-allauth that are used, each with who may see it, by the names it knows them by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as openid
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_POST

from controller.console.accounts import views
from controller.console.sso.options import PROVIDER
from controller.console.web.access import anybody, everybody


def _own(view: Callable[..., HttpResponseBase]) -> Any:
    """For all who are logged in, also before they have a second factor."""
    found = everybody(view)
    found.before_second_factor = True  # type: ignore[attr-defined]
    return found


ONE: dict[str, Any] = {"provider_id": PROVIDER}

urlpatterns = [
    path("login/", views.log_in, name="account_login"),
    path("logout/", views.log_out, name="account_logout"),
    path("inactive/", anybody(account.account_inactive), name="account_inactive"),
    path("again/", _own(account.reauthenticate), name="account_reauthenticate"),
    path("factors/", _own(base.index), name="mfa_index"),
    path("factors/log-in/", anybody(base.authenticate), name="mfa_authenticate"),
    path("factors/again/", _own(base.reauthenticate), name="mfa_reauthenticate"),
    path("factors/app/", _own(totp.activate_totp), name="mfa_activate_totp"),
    path("factors/app/remove/", _own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("factors/codes/", _own(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "factors/codes/new/", _own(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path("factors/keys/", _own(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("factors/keys/add/", _own(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("factors/keys/again/", _own(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("factors/keys/<int:pk>/remove/", _own(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("issuer/cancelled/", anybody(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("issuer/error/", anybody(social.login_error), name="socialaccount_login_error"),
    path("issuer/", anybody(require_POST(openid.login)), ONE, name="openid_connect_login"),
    path("issuer/callback/", anybody(openid.callback), ONE, name="openid_connect_callback"),
]
