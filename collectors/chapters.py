"""The documentation of the formats, out of the formats themselves.

    a parser's docstring ──┐
    its row in FORMATS ────┼──▶ chapter in docs/formats.md (``manage.py formats --write docs/formats.md``)
    its samples ───────────┘

A docstring begins with what the format is; then come paragraphs that begin, at the start of a line, with one of
``KEYS``. ``Differences:`` is followed by lines ``* tool: why its terminal and its file differ``. What comes after
``Notes:`` is for the developer who reads the module.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from collectors.parsers.results import Format

KEYS = ("Written by", "Specified in", "Read", "Dropped", "Meaning", "Differences", "Notes")
WANTED = KEYS[:5]

_KEY = re.compile(rf"^({'|'.join(KEYS)}):[ \t]*", re.M)


@dataclass(frozen=True, slots=True)
class Chapter:
    """What there is to say about one format; every text is Markdown without line breaks."""

    name: str
    kind: str
    title: str
    said: dict[str, str]
    """The paragraphs by key; one that is missing is not in it."""
    differences: list[tuple[str, str]] = field(default_factory=list)
    """Tool, and why its terminal and its file differ."""
    meaning: str = ""
    """The sentence that is shown beside the figures."""


def chapter(known: Format) -> Chapter:
    """The chapter that a format's module tells. A key that it lacks is not in ``said``."""
    module = inspect.getmodule(known.parse)
    text = inspect.cleandoc(module.__doc__ or "") if module else ""
    first, *rest = _KEY.split(text)
    paragraphs = dict(zip(rest[::2], rest[1::2], strict=True))
    differences = paragraphs.pop("Differences", "")
    paragraphs.pop("Notes", None)
    return Chapter(
        known.name,
        known.kind,
        _flowing(first.partition("\n\n")[0]),
        {key: _flowing(value) for key, value in paragraphs.items()},
        list(_bullets(differences)),
        known.meaning,
    )


def _flowing(text: str) -> str:
    """One Markdown line out of wrapped text in a docstring's ``code`` marks."""
    return " ".join(text.split()).replace("``", "`")


def _bullets(text: str) -> Iterable[tuple[str, str]]:
    for bullet in re.split(r"^\s*\* ", text, flags=re.M)[1:]:
        tool, _, reason = _flowing(bullet).partition(": ")
        yield tool, reason


@dataclass(frozen=True, slots=True)
class Proof:
    """How well a format is tested: the tools whose real files are among the samples, and files written by hand."""

    real: list[str]
    written: int


def proof(name: str, samples: Path) -> Proof:
    """Look through ``samples/<name>/*.expected.json``."""
    tools = [
        str(json.loads(path.read_text("utf-8")).get("tool", ""))
        for path in sorted((samples / name).glob("*.expected.json"))
    ]
    real = [tool for tool in tools if "written by hand" not in tool]
    return Proof(sorted(set(real), key=str.lower), len(tools) - len(real))


def markdown(formats: Iterable[Format], samples: Path) -> str:
    """The generated part of docs/formats.md: the table and a chapter for each format, tests first, by name."""
    known = sorted(formats, key=lambda row: (row.kind != "tests", row.name))
    chapters = [(chapter(row), proof(row.name, samples)) for row in known]
    lines = ["| format | kind | what it is | tested with |", "|---|---|---|---|"]
    lines += [f"| [{c.name}](#{c.name}) | {c.kind} | {_cell(c.title)} | {_tested(p)} |" for c, p in chapters]
    return "\n".join([*lines, *_agreement(samples)]) + "\n" + "".join(_chapter(*pair) for pair in chapters)


def _agreement(samples: Path) -> list[str]:
    """How often the figures are those that the tools printed: over the samples, and over ``corpus.json``.

    The file holds what a comparison gave over a larger collection of real reports, most of the samples among them:
    of each format the entries that agree, those with figures of the tool, those without, and why the others differ.
    """
    path = samples / "corpus.json"
    if not path.is_file():
        return []
    told = json.loads(path.read_text("utf-8"))
    lines = [
        "\n## Against the tools' own figures\n",
        f"{sum(row['agree'] for row in told.values())} of {sum(row['of'] for row in told.values())} reports "
        "out of a collection of real ones give the tests or lines that the tool printed when it wrote them; "
        "why the others do not stands beside them. (A run that wrote several formats counts for each of them.) "
        "The last column is about the samples beside the tests: how many agree, of those whose tool's own figures "
        "are known; for the others the file beside the sample says why.\n",
        "| format | agree | differ because | no figures | samples that agree |",
        "|---|---|---|---|---|",
    ]
    for name, row in sorted(told.items()):
        why = "; ".join(f"{_named(each['entries'])}: {each['why']}" for each in row["explained"])
        agree, of = _samples_that_agree(name, samples)
        lines.append(
            f"| [{name}](#{name}) | {row['agree']} of {row['of']} | {_cell(why)} | {row['silent'] or ''} "
            f"| {f'{agree} of {of}' if of else '–'} |"
        )
    return lines


def _named(entries: list[str]) -> str:
    return ", ".join(entries) if len(entries) < 4 else f"{len(entries)} runs"


def _samples_that_agree(name: str, samples: Path) -> tuple[int, int]:
    """Samples whose file holds what its tool printed, and all of which that is known."""
    told = [json.loads(path.read_text("utf-8")) for path in (samples / name).glob("*.expected.json")]
    printed = [one for one in told if "printed" in one and "report" in one]
    return sum("why" not in one for one in printed), len(printed)


def _chapter(told: Chapter, tested: Proof) -> str:
    lines = [f"\n## {told.name}\n", told.title + "\n"]
    if told.meaning:
        lines.append(f"> {told.meaning}\n")
    lines += [f"* **{key}:** {told.said[key]}" for key in WANTED if key in told.said]
    lines.append(f"* **Samples:** {_samples(tested)}")
    if told.differences:
        lines += ["", "| tool | the file and the terminal differ because |", "|---|---|"]
        lines += [f"| {_cell(tool)} | {_cell(reason)} |" for tool, reason in told.differences]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _tested(tested: Proof) -> str:
    parts = (
        [f"{len(tested.real)} tools' real files"] if len(tested.real) > 1 else ["a real file"] * len(tested.real)
    )
    if tested.written:
        parts.append(f"{tested.written} written from the specification")
    return ", ".join(parts) or "nothing yet"


def _samples(tested: Proof) -> str:
    parts = ["; ".join(tested.real)] if tested.real else []
    if tested.written:
        parts.append(f"{tested.written} written by hand from the specification")
    return "; ".join(parts) + "."
