"""A night's JUnit file made out of a real one: durations vary, a few tests come, go, fail and flake.

The real file is cut once at its tags; a night then only picks and joins the pieces, a few milliseconds for a
thousand tests. What is kept of a test is kept byte for byte, its duration apart, and the suites' own counts
are brought in line with the tests inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from collectors.lookalike.demo.chance import stream, unit

TAG = re.compile(
    rb"<testsuites?\b[^>]*>|<testcase\b[^>]*/>|<testcase\b.*?</testcase>",
    re.DOTALL,
)
TIME = re.compile(rb'\btime="([0-9.eE+-]+)"')
NAME = re.compile(rb'\bname="([^"]*)"')
CLASS = re.compile(rb'\bclassname="([^"]*)"')
NOT_PASSED = re.compile(rb"<(?:failure|error|skipped)\b")

# How a suite looks so many nights before its real report: one test in ten is not written yet at the start …
GROWTH = 0.10
# … and one in fifty still has the name that it lost later.
RENAMED = 0.02
OVER_NIGHTS = 60


@dataclass(frozen=True)
class Break:
    """Tests that fail on a night: ``count`` of them from ``place`` (0 to 1) on among those that really passed."""

    place: float
    count: int


@dataclass
class _Case:
    """A test of the real file: what stands before and after the value of its duration."""

    before: bytes
    seconds: float | None
    after: bytes
    passed: bool
    comes: float
    leaves: float
    suite: int


@dataclass
class _Suite:
    tag: bytes
    added: int = 0
    failed: int = 0


@dataclass
class _Night:
    """What one night changes, as sets of places in ``DerivedTests.cases``."""

    absent: set[int] = field(default_factory=set)
    old_names: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    flaky: set[int] = field(default_factory=set)


class DerivedTests:
    """A real JUnit file, ready to be told anew for other nights. ``seed`` names the suite."""

    def __init__(self, data: bytes, seed: str, source: str) -> None:
        self.seed, self.source = seed, source
        self.cases: list[_Case] = []
        self.suites: list[bytes] = []
        # bytes, ("suite", place) or ("case", place), in the file's order
        self.pieces: list[bytes | tuple[str, int]] = []
        at = 0
        for match in TAG.finditer(data):
            self.pieces.append(data[at : match.start()])
            self._cut(match.group())
            at = match.end()
        self.pieces.append(data[at:])
        self.passing = [place for place, case in enumerate(self.cases) if case.passed]

    def on(self, night: str, nights_before: int, broken: Break | None, flaky: float | None) -> bytes:
        """The file of ``night``, ``nights_before`` its real report (0: after it).

        ``flaky`` is the place (0 to 1) of a test that fails and then passes on that night.
        """
        change = self._change(nights_before, broken, flaky)
        suites = self._count(change)
        pace = 0.85 + 0.35 * unit(self.seed, night, "pace")
        chance = stream(self.seed, night, "durations")
        out: list[bytes] = []
        for piece in self.pieces:
            if isinstance(piece, bytes):
                out.append(piece)
            elif piece[0] == "suite":
                out.append(_suite_tag(suites[piece[1]], pace))
            else:
                factor = pace * (0.8 + 0.4 * chance.random())
                out.extend(self._tell(piece[1], change, factor))
        return b"".join(out)

    def _cut(self, tag: bytes) -> None:
        if not tag.startswith(b"<testcase"):
            self.pieces.append(("suite", len(self.suites)))
            self.suites.append(tag)
            return
        head = tag[: tag.index(b">")]
        identity = b"|".join(m.group(1) for m in (CLASS.search(head), NAME.search(head)) if m)
        time = TIME.search(head)
        start, end = time.span(1) if time else (len(tag), len(tag))
        case = _Case(
            before=tag[:start],
            seconds=float(time.group(1)) if time else None,
            after=tag[end:],
            passed=not NOT_PASSED.search(tag),
            comes=unit(self.seed, "comes", identity),
            leaves=unit(self.seed, "leaves", identity),
            suite=len(self.suites) - 1,
        )
        self.pieces.append(("case", len(self.cases)))
        self.cases.append(case)

    def _change(self, nights_before: int, broken: Break | None, flaky: float | None) -> _Night:
        change = _Night()
        if broken and self.passing:
            first = int(broken.place * max(1, len(self.passing) - broken.count + 1))
            change.failed = set(self.passing[first : first + broken.count])
        if flaky is not None and self.passing:
            change.flaky = {self.passing[int(flaky * len(self.passing))]} - change.failed
        ago = nights_before / OVER_NIGHTS
        settled = change.failed | change.flaky
        for place in self.passing[1:]:  # the first stays, so that no suite is emptied
            case = self.cases[place]
            if place in settled:
                continue
            if case.comes < GROWTH * ago:
                change.absent.add(place)
            elif case.leaves < RENAMED and ago > case.leaves / RENAMED:
                change.old_names.add(place)
        return change

    def _count(self, change: _Night) -> list[_Suite]:
        """The suites with what the night adds to their counts; a flaky test is listed twice."""
        suites = [_Suite(tag) for tag in self.suites]
        outer = suites[0] if suites and suites[0].tag.startswith(b"<testsuites") else None
        for place, added, failed in [
            *((place, -1, 0) for place in change.absent),
            *((place, 0, 1) for place in change.failed),
            *((place, 1, 1) for place in change.flaky),
        ]:
            for suite in (suites[self.cases[place].suite], outer):
                if suite is not None:
                    suite.added += added
                    suite.failed += failed
        return suites

    def _tell(self, place: int, change: _Night, factor: float) -> list[bytes]:
        case = self.cases[place]
        if place in change.absent:
            return []
        before = case.before
        if place in change.old_names:
            before = NAME.sub(rb'name="\1 (old)"', before, count=1)
        duration = b"" if case.seconds is None else b"%.6f" % (case.seconds * factor)
        plain = before + duration + case.after
        if place in change.failed:
            return [self._failing(before + duration + case.after)]
        if place in change.flaky:
            return [self._failing(plain), plain]
        return [plain]

    def _failing(self, case: bytes) -> bytes:
        """The same test with a failure that says where it comes from."""
        head = case[: case.index(b">")].rstrip(b"/").rstrip()
        name = NAME.search(head)
        message = b"generated failure in %s" % (name.group(1) if name else b"a test")
        text = b"Generated for the demo: this test passed in the real report of %s.\n" % self.source.encode()
        return b'%s><failure message="%s">%s</failure></testcase>' % (head, message, text)


def _suite_tag(suite: _Suite, pace: float) -> bytes:
    tag = _shift(suite.tag, b"tests", suite.added)
    tag = _shift(tag, b"failures", suite.failed)
    return TIME.sub(lambda match: b'time="%.3f"' % (float(match.group(1)) * pace), tag)


def _shift(tag: bytes, attribute: bytes, by: int) -> bytes:
    if not by:
        return tag
    pattern = rb'\b%s="(\d+)"' % attribute
    return re.sub(pattern, lambda match: b'%s="%d"' % (attribute, int(match.group(1)) + by), tag, count=1)
