"""The addresses of all pages: a folder a noun."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from controller.console.web.access import everybody

urlpatterns: list[URLPattern | URLResolver] = [
    path("", everybody(RedirectView.as_view(pattern_name="accounts:home"))),
    path("account/", include("controller.console.accounts.urls")),
    path("today/", include("controller.console.today.urls")),
    path("promises/", include("controller.console.assure.urls")),
    path("audit/", include("controller.console.audit.urls")),
    path("footage/", include("controller.console.footage.urls")),
    path("devices/", include("controller.console.devices.urls")),
    path("help/", include("controller.console.help.urls")),
    path("memberships/", include("controller.console.memberships.urls")),
    path("holds/", include("controller.console.holds.urls")),
    path("statistics/", include("controller.console.statistics.urls")),
    path("staff/", include("controller.console.staff_pages.urls")),
    path("naming/", include("controller.console.naming.urls")),
    path("timeline/", include("controller.console.timeline.urls")),
    path("events/", include("controller.console.events.urls")),
]

if "allauth" in settings.INSTALLED_APPS:
    urlpatterns.append(path("account/", include("controller.console.sso.urls")))

handler400 = "controller.console.web.faults.not_understood"
handler403 = "controller.console.web.faults.forbidden"
handler404 = "controller.console.web.faults.no_such_page"
handler500 = "controller.console.web.faults.unforeseen"
