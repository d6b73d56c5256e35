"""From every number on every page to an artifact with its SHA-256 in at most three clicks, without a script.

A number is what stands by itself in a cell, a heading or a list, and what a sentence that sums something up says.
The first click is on the number, or on what stands beside it: its row, the rows that a total is of, its list or
section. For a sentence, and on the page of one run, artifact or file, it is on any link of the page, which is about
nothing else. From there a reader stays in the repository, and on the commit, that the number is of; the tabs of a
repository are no road. Of a long table's rows, which are alike, the first and the last three are walked from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from lxml import html

from dashboard.models import Artifact
from tests.browser.everything import fill

pytestmark = pytest.mark.django_db

CLICKS = 3
NUMBER = re.compile(r"[<>−+]?\s?\d[\d,.]*\s?(%|[a-z-]+)?( of [\d,]+| [\d.]+ (ms|s|m|h))?")
SENTENCES = {"lead", "section-sentence", "headline-note"}
BESIDE = ("p", "dd", "li", "tr", "tbody", "div", "table", "section")
ABOUT_ONE_THING = re.compile(r"/(runs|artifacts)/\d+/|[?&]path=")
REPOSITORY = re.compile(r"/r/[^/]+/[^/]+/")
COMMIT = re.compile(r"/commits/\w+/")
NO_ROADS = ("/admin/", "/api/", "/views/")
# Numbers of a night that are not of what was read: how many repositories were asked, and those that had nothing.
OF_THE_NIGHT = re.compile(r"0|\d+ (repositories|failed)|reading, \d+ to go")
ROWS = 3
"""Of a table's rows, how many are walked from at each end."""


class Walk:
    """The site as a reader without a script walks it; each page is asked for once."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.digests = set(Artifact.objects.exclude(sha256="").values_list("sha256", flat=True))
        self.pages: dict[str, Any] = {}
        self.reached: dict[tuple[str, str, str, int], bool] = {}

    def main(self, address: str) -> Any:
        """What the page at that address is about; None where there is none for a reader."""
        address = address.partition("#")[0]
        if address not in self.pages:
            response = self.client.get(address, follow=True)
            known = response.status_code == 200 and response.headers["Content-Type"].startswith("text/html")
            self.pages[address] = html.fromstring(response.content.decode()).find(".//main") if known else None
        return self.pages[address]

    def links(self, of: Any, address: str) -> list[str]:
        """Where its links lead on this site, those to artifacts first."""
        found = [
            urljoin(address, link.get("href")) for link in of.iter("a") if link.get("href") and not in_tabs(link)
        ]
        inside = [link for link in found if link.startswith("/") and not link.startswith(NO_ROADS)]
        return sorted(dict.fromkeys(inside), key=lambda link: "/artifacts/" not in link)

    def leads(self, number: Any, address: str) -> bool:
        """Whether there is a road from that number, which stands on the page at that address."""
        return any(
            self._reaches(link, first_of(REPOSITORY, link), first_of(COMMIT, link), CLICKS - 1)
            for link in self._first_clicks(number, address)
        )

    def _first_clicks(self, number: Any, address: str) -> list[str]:
        for each in (number, *number.iterancestors("a", *BESIDE)):
            if found := self.links(each, address):
                return found
        return [address, *self.links(self.main(address), address)] if sums_up(number, address) else []

    def _reaches(self, address: str, within: str, commit: str, left: int) -> bool:
        """Whether an artifact of that commit ("" any) is that page or at most ``left`` clicks from it."""
        key = (address.partition("#")[0], within, commit, left)
        if key not in self.reached:
            self.reached[key] = False  # a road that comes back to where it was is none
            self.reached[key] = self._is_the_artifact(address, commit) or (left > 0 and self._leads_on(*key))
        return self.reached[key]

    def _is_the_artifact(self, address: str, commit: str) -> bool:
        if "/artifacts/" not in address or (page := self.main(address)) is None:
            return False
        source = html.tostring(page, encoding="unicode")
        return commit in source and any(digest in source for digest in self.digests)

    def _leads_on(self, address: str, within: str, commit: str, left: int) -> bool:
        if (page := self.main(address)) is None:
            return False
        onwards = [
            link for link in self.links(page, address) if not within or link.startswith((within, "/figures/"))
        ]
        return any(self._reaches(link, within or first_of(REPOSITORY, link), commit, left - 1) for link in onwards)


def first_of(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""


def in_tabs(element: Any) -> bool:
    return any("tabs" in (each.get("class") or "").split() for each in element.iterancestors("nav"))


def text_of(element: Any) -> str:
    return " ".join(element.text_content().split())


def says(element: Any) -> bool:
    """Whether it is a sentence that sums up what stands below it."""
    classes = set((element.get("class") or "").split())
    return element.tag == "h1" or element.get("role") == "status" or bool(classes & SENTENCES)


def sums_up(element: Any, address: str) -> bool:
    return bool(ABOUT_ONE_THING.search(address)) or any(map(says, (element, *element.iterancestors())))


def walked_from(element: Any) -> bool:
    """False in the middle of a long table."""
    row = next(element.iterancestors("tr"), None)
    if row is None:
        return True
    before, after = len(list(row.itersiblings("tr", preceding=True))), len(list(row.itersiblings("tr")))
    return before < ROWS or after < ROWS


def numbers_on(main: Any) -> Iterator[Any]:
    """The elements that are numbers, each once, and the sentences that hold some."""
    for each in main.iter("td", "th", "b", "strong", "span", "a", "p", "h1", "h2", "i", "dd"):
        text = text_of(each)
        whole = NUMBER.fullmatch(text) and text_of(each.getparent()) != text
        if (whole or (says(each) and re.search(r"\d", text))) and not in_tabs(each) and walked_from(each):
            yield each


def test_every_number_is_at_most_three_clicks_from_its_artifact(client: Client, settings: Any) -> None:
    settings.PUBLIC = True
    site = fill()
    walk = Walk(client)
    looked_at, lost = 0, []
    for address in site.addresses():
        if (main := walk.main(address)) is None:
            continue
        numbers = [(text_of(each), each) for each in numbers_on(main)]
        of_reports = [
            pair for pair in numbers if not (address.startswith("/ingest/") and OF_THE_NIGHT.fullmatch(pair[0]))
        ]
        looked_at += len(of_reports)
        lost += [f"{address}: {text[:80]}" for text, number in of_reports if not walk.leads(number, address)]
    assert "\n".join(lost) == ""
    assert looked_at > 500
