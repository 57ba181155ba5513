"""The addresses of the pages about footage: films and exports by ids alone, never by names of files."""

from __future__ import annotations

from django.urls import path

from controller.console.footage import export_views, film_views, views

app_name = "footage"
urlpatterns = [
    path("", views.start, name="start"),
    path("<uuid:viewing>/", views.viewing, name="viewing"),
    path("<uuid:viewing>/films.json", film_views.films, name="films"),
    path("<uuid:viewing>/film/<uuid:segment>/", film_views.film, name="film"),
    path("<uuid:viewing>/film/<uuid:segment>/state.json", film_views.state, name="state"),
    path("<uuid:viewing>/film/<uuid:segment>.mp4", film_views.media, name="media"),
    path("<uuid:viewing>/still", film_views.still, name="still"),
    path("export/", export_views.ask, name="export"),
    path("exports/<uuid:export>/", export_views.export, name="exported"),
    path("exports/<uuid:export>/state.json", export_views.state, name="export-state"),
    path("exports/<uuid:export>/remove", export_views.remove, name="remove-export"),
    path("exports/<uuid:export>/all.zip", export_views.archive, name="archive"),
    path("exports/<uuid:export>/file/<int:number>", export_views.file, name="file"),
]
