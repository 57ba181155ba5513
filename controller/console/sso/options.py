"""What Django is told besides, where ``[console.sso]`` is set."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from controller.settings.console import OpenId, Sso

APPS = (
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
)
MIDDLEWARE = (
    "allauth.account.middleware.AccountMiddleware",
    "controller.console.sso.required.SecondFactorRequired",
)
PROVIDER = "authority"
"""What the one issuer is called in addresses."""


class SsoMissing(Exception):
    """The extra is not installed. The text says how to."""


def add(options: dict[str, Any], sso: Sso, branch: str, client_secret: str) -> None:
    """client_secret: for the issuer; empty where nobody logs in. Raises SsoMissing."""
    if find_spec("allauth") is None:
        raise SsoMissing("[console.sso] is set; `pip install libraries-unlocked[sso]` into the same place")
    options["INSTALLED_APPS"] += APPS
    options["MIDDLEWARE"] += MIDDLEWARE
    options |= {
        "ACCOUNT_ADAPTER": "controller.console.sso.adapters.Accounts",
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": "name",
        "ACCOUNT_USER_MODEL_EMAIL_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https",
        "MFA_ADAPTER": "controller.console.sso.adapters.SecondFactors",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_TOTP_ISSUER": branch,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        "SOCIALACCOUNT_ADAPTER": "controller.console.sso.adapters.Identities",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_AUTO_SIGNUP": False,
        "SOCIALACCOUNT_LOGIN_ON_GET": False,
        "SOCIALACCOUNT_QUERY_EMAIL": False,
    }
    if sso.openid:
        options["SOCIALACCOUNT_PROVIDERS"] = {"openid_connect": _provider(sso.openid, client_secret)}
        # A form that is sent here leads on to the issuer.
        parts = urlsplit(sso.openid.issuer)
        options["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"].append(f"https://{parts.netloc}")


def _provider(openid: OpenId, client_secret: str) -> dict[str, Any]:
    return {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": PROVIDER,
                "name": openid.label,
                "client_id": openid.client_id,
                "secret": client_secret,
                "settings": {
                    "server_url": openid.issuer,
                    "fetch_userinfo": False,
                    "oauth_pkce_enabled": True,
                },
            }
        ],
    }
