"""Pages of the key session: bringing the key, and ending the session."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from controller.console.naming.asking import naming_page
from controller.console.naming.key_sessions import End
from controller.console.naming.memory import SESSION_FIELD, key_session_of, memory_of
from controller.console.web.access import may, still_may
from controller.console.web.branch import account_of, branch_of
from controller.secrets.credentials import Secret
from controller.secrets.identity import PrivateKeyUnusable
from controller.settings.staff import Role
from controller.staff.naming.case import refused
from controller.staff.naming.keys import LARGEST_FILE, Keys, open_key

log = logging.getLogger(__name__)

FILES = 4
"""As many keys as an authority may have had while an event is kept."""


@may(Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("passphrase")
def bring(request: HttpRequest) -> HttpResponseBase:
    """The key file and its passphrase, which are kept in memory alone."""
    then = _then(request)
    if request.method == "GET":
        return naming_page(request, "key.html", {"then": then})
    keys, errors = _brought(request)
    if keys is None:
        return naming_page(request, "key.html", {"then": then, "errors": errors}, status=422)
    memory = memory_of(request)
    former = key_session_of(request)
    session = memory.sessions.bring(account_of(request), keys, still_may(request, Role.SUPERVISOR))
    if former is not None:
        memory.sessions.end(former, End.REPLACED)
    request.session[SESSION_FIELD] = session.token
    return redirect(then)


@may(Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":  # after logging in again
        return redirect("naming:start")
    session = key_session_of(request)
    if session is not None:
        memory_of(request).sessions.end(session, End.ENDED)
    request.session.pop(SESSION_FIELD, None)
    return redirect("naming:start")


@sensitive_variables()
def _brought(request: HttpRequest) -> tuple[Keys | None, dict[str, str]]:
    """The keys, or what is wrong by field. A key that does not open is journalled."""
    files, errors = request.FILES.getlist("key"), {}
    passphrase = Secret(request.POST.get("passphrase", ""))
    if not files or len(files) > FILES:
        errors["key"] = f"Select the authority's key file; at most {FILES}, where keys were changed"
    elif any((file.size or 0) > LARGEST_FILE for file in files):
        errors["key"] = "That is no key file: it is far too large"
    if not passphrase.reveal():
        errors["passphrase"] = "Enter the passphrase of the key file"  # noqa: S105 -- a message
    if errors:
        return None, errors
    try:
        return Keys([open_key(file.name or "the file", file.read(), passphrase) for file in files]), {}
    except PrivateKeyUnusable as error:
        refused(branch_of(request).staff, account_of(request), "key", {})
        return None, {"passphrase": str(error)}


def _then(request: HttpRequest) -> str:
    """Where to go on to: a page of this console, else the start of naming."""
    wanted = request.POST.get("then") or request.GET.get("then") or ""
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/naming/")
    return wanted if own else reverse("naming:start")
