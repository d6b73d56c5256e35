"""JUnit's simple cases, taken out of the text by the thousand instead of one by one.

Nearly all of a report is one kind of element, written the same way each time::

    <testcase classname="…" name="…" time="…"/>

One regular expression splits the text at those, and at those that hold one failure, error or skip. What is left
between them, with ``<clerestory-run/>`` for each unbroken run, is a small document that the XML parser then reads:
it says whether all of it is well-formed, which suite each run belongs to, and everything about the cases that are
not so simple. What was taken out holds no ``<``, control character or unknown reference, so that it is well-formed
wherever an element may stand; a run inside a comment or a CDATA section is no element afterwards, and is missed in
the count. The file is then read the long way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import unescape
from itertools import islice, repeat

from collectors.parsers.results import CaseResult, Outcome
from collectors.parsers.text import MAX_SECONDS, NAME_LIMIT, seconds

MARK = "clerestory-run"
FEW = 50
"""So few cases are read as fast the long way."""

_READ = ("classname", "class", "name", "time", "file", "filepath", "status", "result")

_S = r"[ \t\r\n]"
_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_PLAIN = r'[^"<&\x00-\x1f]'
_REFERENCE = r"&(?:amp|lt|gt|quot|apos|#(?:9|10|13|x0?[9AaDd]));"
_VALUE = rf"{_PLAIN}*(?:{_REFERENCE}{_PLAIN}*){{0,2000}}"
_WORDS = r"[^<&\x00-\x08\x0b\x0c\x0e-\x1f]*"
_TEXT = rf"{_WORDS}(?:{_REFERENCE}{_WORDS}){{0,20000}}"
_CHILD = (
    rf'<(?P<child>failure|error|skipped)((?:{_S}+{_NAME}="{_VALUE}"){{0,4}}){_S}*'
    rf"(?:/>|>({_TEXT})</(?P=child){_S}*>){_S}*"
)
_FIRST = re.compile(rf'<testcase((?:{_S}+{_NAME}="[^"<]*")+){_S}*/?>')
_NAMES = re.compile(rf'({_NAME})="[^"]*"')
_ATTRIBUTE = re.compile(rf'({_NAME})="([^"]*)"')

Judge = Callable[[str, dict[str, str], str], tuple[Outcome, str, str]]
"""From a child's name, attributes and text to the outcome, message and details of its case."""

Child = tuple[int, str, dict[str, str], str]
"""The case that it belongs to, its name, attributes and text."""


class Runs:
    """The simple cases of a text, and ``left``, what is left of it."""

    def __init__(self, left: str, bounds: list[int], told: dict[str, list[str]], children: list[Child]) -> None:
        self.left = left
        self._bounds = bounds
        self._names = told["name"]
        self._classes = _either(told, "classname", "class")
        self._files = _either(told, "file", "filepath")
        self._durations = _durations(told.get("time"))
        self._statuses = [told[name] for name in ("status", "result") if name in told]
        self._children = children
        self._at = 0

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def cases(
        self, run: int, suite: str, file: str, outcome_of: Callable[[tuple[str, ...]], Outcome], judge: Judge
    ) -> list[CaseResult]:
        """The cases of one run; ``outcome_of`` judges by ``status`` and ``result``, ``judge`` by a child."""
        here = slice(self._bounds[run], self._bounds[run + 1])
        outcomes: Iterable[Outcome] = repeat(Outcome.PASSED)
        if self._statuses:
            outcomes = map(outcome_of, zip(*(values[here] for values in self._statuses), strict=True))
        files: Iterable[str] = repeat(file)
        if self._files is not None:
            files = [own or file for own in self._files[here]]
        durations = self._durations[here] if self._durations else repeat(None)
        classes = repeat("") if self._classes is None else self._classes[here]
        none = repeat("")
        cases = list(
            map(CaseResult, repeat(suite), classes, self._names[here], outcomes, durations, none, none, files)
        )
        self._judge_children(run, cases, judge)
        return cases

    def _judge_children(self, run: int, cases: list[CaseResult], judge: Judge) -> None:
        """Give the cases that hold a failure, error or skip its outcome and words."""
        first, last = self._bounds[run], self._bounds[run + 1]
        # A long report is one run or many; looking for each run's children among all would take the square of them.
        while self._at < len(self._children) and self._children[self._at][0] < last:
            at, tag, told, text = self._children[self._at]
            case = cases[at - first]
            case.outcome, case.message, case.details = judge(tag, told, text)
            self._at += 1


def taken_out(data: bytes) -> Runs | None:
    """The simple cases and what is left, or None where the text has few of them or is better read the long way."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    written = Counter(tuple(_NAMES.findall(found[1])) for found in islice(_FIRST.finditer(text), FEW))
    if written.total() < FEW or "\ufffe" in text or "\uffff" in text:
        return None
    # Not most_common: it imports heapq when first called, and a locked-down reader can import nothing.
    names = max(written, key=written.__getitem__)
    if len(set(names)) != len(names) or "name" not in names or "flaky" in names:
        return None
    read = [name for name in names if name in _READ]
    pieces = _simple(names).split(text)
    columns = [pieces[at :: len(read) + 4] for at in range(len(read) + 4)]
    between, told = columns[0], dict(zip(read, columns[1:-3], strict=True))
    bounds = [at for at, piece in enumerate(between) if piece]
    children = _children(*columns[-3:])
    if len(between) <= FEW or bounds[0] or bounds[-1] != len(between) - 1 or children is None:
        return None
    left = f"<{MARK}/>".join([between[at] for at in bounds])
    if "<!DOCTYPE" in left or left.count(MARK) != len(bounds) - 1:
        return None
    return Runs(left, bounds, told, children)


@lru_cache(maxsize=64)
def _simple(names: tuple[str, ...]) -> re.Pattern[str]:
    """A case with these attributes in this order and one child at most; groups: ``_READ``, the child's."""
    attributes = "".join(f' {re.escape(name)}="{_group(name)}"' for name in names)
    return re.compile(rf"<testcase{attributes} ?(?:/>|>{_S}*(?:{_CHILD})?</testcase>){_S}*")


def _group(name: str) -> str:
    """What an attribute may hold: names as long as they are kept, durations that are plain numbers."""
    if name == "time":
        return r"([0-9]{0,8}\.?[0-9]*)"
    if name in _READ:
        return f"({_PLAIN}{{{int(name == 'name')},{NAME_LIMIT}}})"
    return _VALUE


def _children(tags: list[str], attributes: list[str], texts: list[str]) -> list[Child] | None:
    """The children of all cases; None where one is not well-formed in what the pattern does not hold it to."""
    children = []
    for at in [at for at, tag in enumerate(tags) if tag]:
        pairs, text = _ATTRIBUTE.findall(attributes[at]), texts[at] or ""
        told = dict(pairs)
        if len(told) != len(pairs) or "]]>" in text:
            return None
        if "&" in attributes[at]:
            told = {name: unescape(value) for name, value in told.items()}
        children.append((at, tags[at], told, _plain(text)))
    return children


def _plain(text: str) -> str:
    """The text as an XML parser hands it out."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unescape(text) if "&" in text else text


def _either(told: dict[str, list[str]], name: str, other: str) -> list[str] | None:
    if name in told and other in told:
        return [one or two for one, two in zip(told[name], told[other], strict=True)]
    return told.get(name) or told.get(other)


def _durations(told: list[str] | None) -> list[float | None]:
    """Seconds, where all of them are; one by one where they are not, or absurd."""
    if told is None:
        return []
    try:
        numbers = list(map(float, told))
    except ValueError:
        return list(map(seconds, told))
    return numbers if sum(numbers) <= MAX_SECONDS else list(map(seconds, told))  # type: ignore[return-value]
