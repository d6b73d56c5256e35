"""Every address below /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from dashboard.api import estate, repositories, runs
from dashboard.api.api import api, no_such_address

api.add_router("", estate.router)
api.add_router("", repositories.router)
api.add_router("", runs.router)

urlpatterns = [
    path("", api.urls),
    re_path("", no_such_address),
]
