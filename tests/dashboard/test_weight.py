"""What a page costs a reader on a slow line: all that it needs before anybody turns to a chart, compressed."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory
from whitenoise.middleware import WhiteNoiseMiddleware

from dashboard.staticfiles import BUNDLE, SITE, HashedStorage
from tests import factories
from tests.browser.everything import fill

pytestmark = pytest.mark.django_db

MOST = 60_000
STATIC = Path(site_settings.BASE_DIR) / "static"
NEEDED = re.compile(r'<(?:script|link)\b[^>]*?\s(?:src|href)="/static/([^"]+\.(?:js|css))"')


@cache
def weight_of_file(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes()))


def weight_of(page: bytes) -> int:
    """HTML, style sheets and scripts of a page, each compressed as it is sent."""
    needed = dict.fromkeys(NEEDED.findall(page.decode()))
    return len(gzip.compress(page)) + sum(map(weight_of_file, needed))


def test_no_page_is_heavier_than_sixty_kilobytes_before_its_charts(client: Client, settings: Any) -> None:
    settings.PUBLIC = True
    site = fill()
    # As many repositories as the whole demo has.
    factories.estate(repositories=100, nights=3, organizations=8)
    weights = {address: weight_of(client.get(address).content) for address in site.addresses()}
    assert {address: weight for address, weight in weights.items() if weight > MOST} == {}
    assert max(weights.values()) > MOST / 3, "style sheets and scripts are no longer found in the pages"


def test_static_files_are_compressed_have_hashed_names_and_are_kept_for_ever(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    hashed = HashedStorage(location=tmp_path).stored_name("css/base.css")
    assert re.fullmatch(r"css/base\.[0-9a-f]{12}\.css", hashed)
    served = WhiteNoiseMiddleware(lambda request: HttpResponse(status=404))
    answer = served(RequestFactory().get(f"/static/{hashed}", headers={"Accept-Encoding": "gzip"}))
    assert (answer.status_code, answer["Content-Encoding"]) == (200, "gzip")
    assert "immutable" in answer["Cache-Control"] and "max-age=315360000" in answer["Cache-Control"]


def test_the_style_sheets_of_every_page_are_put_together_in_their_order(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    assert HashedStorage(location=tmp_path).site_styles() == SITE
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    made = HashedStorage(location=tmp_path)
    assert made.site_styles() == (BUNDLE,)
    hashed = tmp_path / made.stored_name(BUNDLE)
    text = hashed.read_text(encoding="utf-8")
    places = [text.index((STATIC / name).read_text(encoding="utf-8").splitlines()[0]) for name in SITE]
    assert places == sorted(places)
    fonts = re.findall(r'url\("?([^")]+)"?\)', text)
    assert fonts and all((hashed.parent / font).is_file() for font in fonts)
