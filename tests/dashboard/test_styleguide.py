"""The gallery of components: complete, made of the real ones, and not there for readers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

TEMPLATES = Path(settings.BASE_DIR) / "templates"
pytestmark = pytest.mark.django_db


def test_a_reader_finds_no_gallery(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 404


def test_the_gallery_shows_every_component(client: Client, settings: object) -> None:
    settings.DEBUG = True  # type: ignore[attr-defined]
    assert client.get("/styleguide/").status_code == 200
    shown = _included(TEMPLATES / "styleguide" / "index.html") | _included(TEMPLATES / "base.html")
    assert {path.name for path in (TEMPLATES / "components").iterdir()} - shown == set()


def _included(template: Path) -> set[str]:
    """Names of the components that a template shows, and of those that they show in turn."""
    text = template.read_text().replace("{% site_bar %}", '{% include "components/bar.html" %}')
    names = set(re.findall(r'(?:include|drawn) "components/([\w.]+)"', text))
    return names.union(*(_included(TEMPLATES / "components" / name) for name in names))
