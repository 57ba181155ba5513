"""Django's settings, made from the branch's.

Never here: anything that a page shows, or the settings of the branch themselves.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from csp.constants import NONCE, NONE, SELF
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connections

from controller.console.accounts.limits import AXES, HOURS
from controller.console.sso import options as sso
from controller.console.web.strangers import say_in_a_line
from controller.store.engine import DatabaseUnusable

if TYPE_CHECKING:
    from controller.settings.model import Settings

log = logging.getLogger(__name__)

PACKAGE = Path(__file__).parents[1]
YEAR_S = 365 * 24 * 3600
FORM_BYTES = 2_500_000
"""What a form may send, besides files (``uploads``)."""


def configure(settings: Settings, database: Path, secret_key: str, client_secret: str = "") -> WSGIHandler:
    """The application, for a server. Once a process. database: accounts and sessions.

    client_secret: for the issuer of ``[console.sso.openid]``. Raises SsoMissing.
    """
    found = options(settings, database, secret_key)
    if settings.console.sso:
        sso.add(found, settings.console.sso, settings.branch.name, client_secret)
    django_settings.configure(**found)
    django.setup()
    say_in_a_line()
    return get_wsgi_application()


def migrate() -> None:
    """Bring the database of accounts to what this release needs. Raises DatabaseUnusable.

    In a process of its own, for what it loads is not needed again. Called before there are threads.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            call_command("migrate", verbosity=0, interactive=False)
            connections.close_all()
            code = 0
        except DatabaseError as error:
            log.error("%s", error)
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if status:
        raise DatabaseUnusable("the database of accounts cannot be brought up to date; see the log")


def options(settings: Settings, database: Path, secret_key: str) -> dict[str, Any]:
    """What Django calls settings."""
    branch = settings.branch
    hosts = [settings.console.address, "localhost", *settings.console.hosts]
    return {
        "SECRET_KEY": secret_key,
        "ALLOWED_HOSTS": hosts,
        "CSRF_TRUSTED_ORIGINS": [f"https://{host}" for host in settings.console.hosts],
        "ROOT_URLCONF": "controller.console.web.urls",
        "INSTALLED_APPS": [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "axes",
            "controller.console.accounts",
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "csp.middleware.CSPMiddleware",
            "controller.console.web.headers.Headers",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "controller.console.web.faults.Faults",
            "controller.console.accounts.sessions.SessionLimits",
        ],
        "TEMPLATES": [
            {
                "NAME": "jinja2",
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "DIRS": [PACKAGE / "templates"],
                "OPTIONS": {
                    "environment": "controller.console.web.page.environment",
                    # For pages that a library's view renders.
                    "context_processors": ["controller.console.web.page.frame"],
                },
            }
        ],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "timeout": 10,
                    "transaction_mode": "IMMEDIATE",
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;",
                },
            }
        },
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": "accounts.StaffAccount",
        "LOGIN_URL": "accounts:login",
        "AUTHENTICATION_BACKENDS": [
            "controller.console.accounts.throttle.HourlyLimits",
            "axes.backends.AxesStandaloneBackend",
            "django.contrib.auth.backends.ModelBackend",
        ],
        "PASSWORD_HASHERS": ["controller.console.accounts.hashing.OneAtATime"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": "controller.console.accounts.passwords.Length"},
            {
                "NAME": "controller.console.accounts.passwords.NotGuessedFirst",
                "OPTIONS": {"words": (branch.name, branch.authority, branch.branch)},
            },
        ],
        **AXES,
        # Browsers take loopback for secure, so that these hold without TLS on this machine, and nowhere else.
        "SESSION_COOKIE_NAME": "__Host-console",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_AGE": HOURS * 3600,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "SESSION_SERIALIZER": "django.contrib.sessions.serializers.JSONSerializer",
        "CSRF_COOKIE_NAME": "__Host-form",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_AGE": None,
        "CSRF_FAILURE_VIEW": "controller.console.web.faults.no_form_of_ours",
        # Sent over TLS alone, which the proxy in front speaks.
        "SECURE_HSTS_SECONDS": YEAR_S,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en-gb",
        "USE_I18N": False,
        "STATIC_URL": "/static/",
        "STATIC_ROOT": PACKAGE / "static",
        "WHITENOISE_ROOT": None,
        "WHITENOISE_MAX_AGE": 3600,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": FORM_BYTES,
        "DATA_UPLOAD_MAX_NUMBER_FILES": 4,
        "FILE_UPLOAD_HANDLERS": ["controller.console.web.uploads.InMemory"],
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [NONE],
                "script-src": [SELF, NONCE],
                "style-src": [SELF],
                "img-src": [SELF],
                "media-src": [SELF],
                "connect-src": [SELF],
                "form-action": [SELF],
                "frame-ancestors": [NONE],
                "base-uri": [NONE],
                "object-src": [NONE],
            }
        },
        "LOGGING_CONFIG": None,
    }
