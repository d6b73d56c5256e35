"""``python -m dashboard.runtime.first_steps``: everything between a running database and the first page.

Tables, static files, the administrator, and in a demo the estate. One process, for each start of Django
costs a second.
"""

from __future__ import annotations

import hashlib
import os
import sys

import django
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from dashboard.runtime.places import BASE, Places

ADMINISTRATOR = "admin"
DEMO_ESTATE = BASE / "collectors" / "lookalike" / "estate" / "estate.yaml"


def migrate_when_behind() -> None:
    """Bring the tables up to date; asking first is a second quicker than migrating nothing."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def collect_static(places: Places) -> None:
    """Gather static files, unless they are those of the last start (the admin alone has 150)."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    seen = hashlib.sha256(django.__version__.encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            facts = os.stat(storage.path(path))  # noqa: PTH116 - a path as Django gives it
            seen.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    marker = places.var / "static.sha256"
    if marker.is_file() and marker.read_text() == seen.hexdigest() and settings.STATIC_ROOT.is_dir():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    places.replace(marker, seen.hexdigest())


def make_administrator(places: Places) -> None:
    """The first administrator, with a password of chance; without its file, a new password."""
    from django.contrib.auth.models import User

    if User.objects.filter(is_superuser=True).exists() and (places.var / "admin_password").exists():
        return
    user, made = User.objects.get_or_create(username=ADMINISTRATOR)
    if made or user.is_superuser:
        user.is_staff = user.is_superuser = True
        user.set_password(places.secret("admin_password", 20))
        user.save()


def load_demo_estate() -> None:
    """The demo's repositories, once: what an administrator then changes stays changed."""
    if not apps.get_model("dashboard", "Repository").objects.exists():
        call_command("load_estate", str(DEMO_ESTATE), verbosity=0)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    from django.conf import settings

    places = Places.of(os.environ)
    migrate_when_behind()
    collect_static(places)
    make_administrator(places)
    if settings.DEMO:
        try:
            load_demo_estate()
        except CommandError as error:
            print(f"The demo estate was not loaded: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
