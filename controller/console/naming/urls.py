"""Naming members: the key session, an event's member, searches by card, approvals."""

from __future__ import annotations

from django.urls import path

from controller.console.naming import approval_views, key_views, search_views, views

app_name = "naming"

urlpatterns = [
    path("", views.start, name="start"),
    path("key/", key_views.bring, name="key"),
    path("key/end/", key_views.end, name="end_key"),
    path("event/<uuid:event_id>/", views.event, name="event"),
    path("search/", search_views.form, name="new_search"),
    path("search/<slug:search_id>/", search_views.search, name="search"),
    path("search/<slug:search_id>/state/", search_views.state, name="search_state"),
    path("search/<slug:search_id>/cancel/", search_views.cancel, name="cancel_search"),
    path("approvals/", approval_views.queue, name="approvals"),
    path("approvals/<uuid:ask_id>/", approval_views.approval, name="approval"),
    path("approvals/<uuid:ask_id>/approve/", approval_views.approve_it, name="approve"),
    path("approvals/<uuid:ask_id>/do/", approval_views.do, name="do"),
]
