"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from dashboard.views.health import healthz

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("dashboard.api.urls")),
    path("healthz", healthz, name="healthz"),
]
