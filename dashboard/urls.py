"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from dashboard.views import ingest, repository
from dashboard.views.health import healthz

repository_pages = [
    path("", repository.overview, name="repository"),
    path("failures/", repository.failures, name="failures"),
    path("coverage/", repository.coverage, name="coverage"),
    path("runs/", repository.runs, name="runs"),
    path("commits/<slug:sha>/", repository.commit, name="commit"),
]

urlpatterns = [
    path("r/<str:owner>/<str:name>/", include(repository_pages)),
    path("ingest/", ingest.ingest, name="ingest"),
    path("ingest/collect/", ingest.collect_now, name="collect-now"),
    path("ingest/<int:collection_id>/", ingest.ingest, name="night"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("dashboard.api.urls")),
    path("healthz", healthz, name="healthz"),
]
