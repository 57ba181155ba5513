"""The addresses of holds, restrictions and disposals."""

from __future__ import annotations

from django.urls import path

from controller.console.holds.views import disposals, ending, placing, register, restrictions

app_name = "holds"

urlpatterns = [
    path("", register.all_holds, name="list"),
    path("over/", register.over_holds, name="over"),
    path("approvals/", register.approvals, name="approvals"),
    path("new/", placing.new, name="new"),
    path("placed/", placing.placed, name="placed"),
    path("hold/<uuid:hold_id>/", register.hold, name="hold"),
    path("hold/<uuid:hold_id>/review/", ending.review, name="review"),
    path("hold/<uuid:hold_id>/end/", ending.end, name="end"),
    path("hold/<uuid:hold_id>/confirm/", ending.confirm, name="confirm"),
    path("restrictions/", restrictions.all_restrictions, name="restrictions"),
    path("restrictions/new/", restrictions.new, name="restrict"),
    path("restrictions/<uuid:restriction_id>/", restrictions.restriction, name="restriction"),
    path("restrictions/<uuid:restriction_id>/inform/", restrictions.inform, name="inform"),
    path("restrictions/<uuid:restriction_id>/lift/", restrictions.lift, name="lift"),
    path("disposals/", disposals.overview, name="disposals"),
    path("disposals/certificates/", disposals.certificates, name="certificates"),
    path(
        "disposals/certificates/<str:service>/<uuid:certificate_id>/",
        disposals.certificate,
        name="certificate",
    ),
]
