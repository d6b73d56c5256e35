"""YAML or JSON text as nodes that know their line, and the small questions that are asked of a node.

JSON is read as the YAML that it almost is, so that both have lines. A question that gets no fitting answer notes a
Problem and returns None; reading goes on, so that one look at a file shows all that is wrong with it.
No Django and no database here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

import yaml

LARGEST_CHARACTERS = 20_000_000
"""About 100,000 repositories; anything larger is surely another file."""
MOST_PROBLEMS = 20
"""As many as fit on a screen; the rest is usually the same mistake again."""
DEEPEST = 20
"""An estate file needs five; the composer below recurses in C, where too deep is a crash."""
# JSON writes characters past the first plane as two escapes. An even number of backslashes before is text.
SURROGATES = re.compile(r"((?<!\\)(?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})")

MAP, SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
TEXT, NUMBER, FLAG, NULL = (f"tag:yaml.org,2002:{name}" for name in ("str", "int", "bool", "null"))
# Names like 1.10 or 2026-01-01 are meant as they stand; yes, no, on and off are too likely a mistake.
READ_AS_TEXT = (TEXT, NUMBER, "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")
CALLED = {
    MAP: "a mapping",
    SEQUENCE: "a list",
    TEXT: "a text",
    NUMBER: "a number",
    FLAG: "true or false",
    NULL: "empty",
}


class Problem(NamedTuple):
    """``line`` counts from 1; ``key`` is the place, for example ``repositories[2].tags``, empty for the whole."""

    line: int
    key: str
    sentence: str

    def __str__(self) -> str:
        return (
            f"line {self.line}: {self.key}: {self.sentence}" if self.key else f"line {self.line}: {self.sentence}"
        )


class EstateFileError(Exception):
    """A file that was not understood; ``problems`` in the order of lines."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Place(NamedTuple):
    """A node and how to speak of it."""

    key: str
    node: yaml.Node

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1 if self.node.start_mark else 1

    def below(self, name: str, node: yaml.Node) -> Place:
        return Place(f"{self.key}.{name}" if self.key else name, node)

    def item(self, position: int, node: yaml.Node) -> Place:
        return Place(f"{self.key}[{position}]", node)


class Document:
    """One file being read; ``problems`` fills while it is."""

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self.root = Place("", compose(text))

    def problem(self, place: Place, sentence: str) -> None:
        self.problems.append(Problem(place.line, place.key, sentence))

    def wanted(self, place: Place, what: str) -> None:
        found = CALLED.get(place.node.tag, "something else")
        if isinstance(place.node, yaml.ScalarNode) and place.node.tag != NULL:
            found = f"“{shortened(place.node.value)}”"
        self.problem(place, f"must be {what}, not {found}.")

    def mapping(self, place: Place, known: Collection[str], required: Collection[str] = ()) -> dict[str, Place]:
        """The places below by key; unknown, repeated and missing keys are problems."""
        if not isinstance(place.node, yaml.MappingNode):
            self.wanted(place, f"a mapping with {listed(known)}")
            return {}
        found: dict[str, Place] = {}
        for key_node, value in place.node.value:
            name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            at = place.below(name, key_node)
            if name not in known:
                self.problem(at, f"is not a known key; known are {listed(known)}.")
            elif name in found:
                self.problem(at, "is written twice.")
            else:
                found[name] = place.below(name, value)
        for name in required:
            if name not in found:
                self.problem(place.below(name, place.node), "is missing.")
        return found

    def items(self, place: Place) -> Iterator[Place]:
        """The places of a list; nothing written after the colon is an empty list."""
        if place.node.tag == NULL:
            return
        if not isinstance(place.node, yaml.SequenceNode):
            self.wanted(place, "a list")
            return
        for position, node in enumerate(place.node.value):
            yield place.item(position, node)

    def text(self, place: Place, longest: int) -> str | None:
        if place.node.tag == FLAG:
            self.problem(place, f"reads as true or false; put “{place.node.value}” in quotes to mean the word.")
            return None
        if place.node.tag not in READ_AS_TEXT:
            self.wanted(place, "a text")
            return None
        value = place.node.value
        if "\x00" in value:
            self.problem(place, "holds a NUL character, which no name or text may hold.")
            return None
        if len(value) > longest:
            self.problem(place, f"has {len(value):,} characters; the limit is {longest}.")
            return None
        return str(value)

    def number(self, place: Place, largest: int) -> int | None:
        if place.node.tag == NUMBER and place.node.value.isdecimal() and int(place.node.value) <= largest:
            return int(place.node.value)
        self.wanted(place, f"a whole number from 0 to {largest:,}, or null")
        return None

    def flag(self, place: Place) -> bool | None:
        if place.node.tag == FLAG:
            return place.node.value.lower() in ("true", "yes", "on")
        self.wanted(place, "true or false")
        return None

    def choice(self, place: Place, choices: Collection[str]) -> str | None:
        if isinstance(place.node, yaml.ScalarNode) and place.node.value in choices:
            return str(place.node.value)
        self.wanted(place, " or ".join(choices))
        return None


def compose(text: str) -> yaml.Node:
    """The root node. Raises EstateFileError where the text is neither YAML nor JSON, or holds nothing."""
    if len(text) > LARGEST_CHARACTERS:
        raise EstateFileError([Problem(1, "", "is far larger than any estate file: is it another file?")])
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = json_as_yaml(text)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise EstateFileError([Problem(line, "", "is nested far deeper than an estate file.")])
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or "it is not valid YAML"
        raise EstateFileError(
            [Problem(mark.line + 1 if mark else 1, "", f"not readable as YAML: {said}.")]
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position if isinstance(error.position, int) else 0) + 1
        raise EstateFileError([Problem(line, "", "holds a control character, which YAML forbids.")]) from error
    if root is None:
        raise EstateFileError([Problem(1, "", "the file is empty: it needs “organizations” or “repositories”.")])
    return root


def json_as_yaml(text: str) -> str:
    """JSON with the two things changed that YAML refuses; any other text as it is. Lines stay where they are."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    # No raw tab is allowed inside JSON's strings, so every tab is indentation.
    return SURROGATES.sub(lambda pair: pair[1] + json.loads(f'"{pair[2]}"'), text.replace("\t", " "))


def shortened(value: str) -> str:
    return value if len(value) <= 60 else value[:57] + "…"


def listed(names: Collection[str]) -> str:
    return ", ".join(names)
