"""Every address below /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from dashboard.api import compare, coverage, estate, repositories, repository_tests, runs, search
from dashboard.api.api import api, no_such_address

api.add_router("", estate.router)
api.add_router("", repositories.router)
api.add_router("", runs.router)
api.add_router("", repository_tests.router)
api.add_router("", coverage.router)
api.add_router("", compare.router)
api.add_router("", search.router)

urlpatterns = [
    path("", api.urls),
    re_path("", no_such_address),
]
