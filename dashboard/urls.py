"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from dashboard.views import (
    coverage,
    estate,
    figures,
    ingest,
    pages,
    repository,
    repository_tabs,
    repository_tests,
    runs,
    saved_views,
    stories,
)
from dashboard.views.health import healthz
from dashboard.views.styleguide import styleguide

repository_pages = [
    path("", repository.overview, name="repository"),
    path("tests/", repository_tests.tests, name="tests"),
    path("tests/<int:case_id>/", repository_tests.one_test, name="test"),
    path("failures/", repository_tabs.failures, name="failures"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:github_id>/", runs.run, name="run"),
    path("artifacts/<int:github_id>/", runs.artifact, name="artifact"),
    path("commits/<slug:sha>/", repository_tabs.commit, name="commit"),
]

urlpatterns = [
    path("", estate.estate, name="estate"),
    path("o/<str:login>/", estate.estate, name="organization"),
    path("figures/<slug:key>/", figures.figure, name="figure"),
    path("o/<str:login>/figures/<slug:key>/", figures.figure, name="organization-figure"),
    path("views/", saved_views.saved_views, name="saved-views"),
    path("views/save/", saved_views.save, name="save-view"),
    path("views/<int:view_id>/", saved_views.change, name="change-view"),
    path("views/<int:view_id>/delete/", saved_views.delete, name="delete-view"),
    path("r/<str:owner>/<str:name>/", include(repository_pages)),
    path("ingest/", ingest.ingest, name="ingest"),
    path("ingest/collect/", ingest.collect_now, name="collect-now"),
    path("ingest/<int:collection_id>/retry/", ingest.retry, name="retry"),
    path("ingest/<int:collection_id>/repositories/", stories.stories, name="stories"),
    path("ingest/<int:collection_id>/", ingest.ingest, name="collection"),
    path("demo/", pages.demo, name="demo"),
    path("styleguide/", styleguide, name="styleguide"),
    path("api/v1/", include("dashboard.api.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
]

handler404 = "dashboard.views.pages.not_found"
handler500 = "dashboard.views.pages.server_error"
