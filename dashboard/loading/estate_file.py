"""The estate file as checked values. Order in it decides nothing; names meet in any case. No database here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from dashboard.loading.document import NULL, Document, EstateFileError, Place
from dashboard.models.organization import LOGIN
from dashboard.models.repository import NAME

LARGEST_LAYER = 32_767
LONGEST_DESCRIPTION = 2_000

ROOT_KEYS = ("organizations", "repositories", "rules")
ORGANIZATION_KEYS = ("login", "title", "layer", "discover")
REPOSITORY_KEYS = (
    "full_name",
    "status",
    "tags",
    "depends_on",
    "visibility",
    "description",
    "language",
    "enabled",
)


@dataclass(frozen=True)
class OrganizationEntry:
    """``values`` maps the columns that the file writes to what it writes; others keep what they have."""

    login: str
    values: dict[str, Any]


@dataclass(frozen=True)
class RepositoryEntry:
    """As above. ``depends_on`` has full names, None when the file does not say."""

    owner: str
    name: str
    values: dict[str, Any]
    depends_on: list[str] | None

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True)
class EstateFile:
    """``forbid`` has pairs of logins: the first may never depend on the second."""

    organizations: list[OrganizationEntry] = field(default_factory=list)
    repositories: list[RepositoryEntry] = field(default_factory=list)
    forbid: list[tuple[str, str]] = field(default_factory=list)


def read_estate_file(text: str) -> EstateFile:
    """YAML or JSON in, checked entries out. Raises EstateFileError with every problem found."""
    document = Document(text)
    parts = document.mapping(document.root, ROOT_KEYS)
    estate = EstateFile()
    seen: dict[str, Place] = {}
    if "organizations" in parts:
        for place in document.items(parts["organizations"]):
            if (organization := _organization(document, place, seen)) is not None:
                estate.organizations.append(organization)
    if "repositories" in parts:
        for place in document.items(parts["repositories"]):
            if (repository := _repository(document, place, seen)) is not None:
                estate.repositories.append(repository)
    if "rules" in parts and parts["rules"].node.tag != NULL:
        rules = document.mapping(parts["rules"], ("forbid",))
        if "forbid" in rules:
            estate.forbid.extend(_forbidden(document, rules["forbid"]))
    if document.problems:
        raise EstateFileError(document.problems)
    return estate


def _organization(document: Document, place: Place, seen: dict[str, Place]) -> OrganizationEntry | None:
    found = document.mapping(place, ORGANIZATION_KEYS, required=("login",))
    values: dict[str, Any] = {}
    if "title" in found:
        values["title"] = _optional_text(document, found["title"], 200)
    if "layer" in found:
        at = found["layer"]
        values["layer"] = None if at.node.tag == NULL else document.number(at, LARGEST_LAYER)
    if "discover" in found:
        values["discover"] = document.flag(found["discover"])
    login = _login(document, found["login"]) if "login" in found else None
    if login is None or _is_repeated(document, found["login"], login, seen):
        return None
    return OrganizationEntry(login, values)


def _repository(document: Document, place: Place, seen: dict[str, Place]) -> RepositoryEntry | None:
    found = document.mapping(place, REPOSITORY_KEYS, required=("full_name",))
    full_name = _full_name(document, found["full_name"], owner=None) if "full_name" in found else None
    owner = full_name.partition("/")[0] if full_name else None
    values = _repository_values(document, found)
    depends_on: list[str] | None = None
    if "depends_on" in found:
        targets = (_full_name(document, at, owner or "?") for at in document.items(found["depends_on"]))
        depends_on = list({target.lower(): target for target in targets if target}.values())
    if full_name is None or _is_repeated(document, found["full_name"], full_name, seen):
        return None
    owner, _, name = full_name.partition("/")
    return RepositoryEntry(owner, name, values, depends_on)


def _repository_values(document: Document, found: dict[str, Place]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "status" in found:
        values["archived_by_file"] = document.choice(found["status"], ("active", "archived")) == "archived"
    if "visibility" in found:
        values["private"] = document.choice(found["visibility"], ("public", "private")) != "public"
    if "enabled" in found:
        values["enabled"] = document.flag(found["enabled"])
    if "description" in found:
        values["description"] = _optional_text(document, found["description"], LONGEST_DESCRIPTION)
    if "language" in found:
        values["language"] = _optional_text(document, found["language"], 60)
    if "tags" in found:
        tags = (document.text(at, 60) for at in document.items(found["tags"]))
        values["tags"] = list(dict.fromkeys(tag.strip() for tag in tags if tag and tag.strip()))
    return values


def _forbidden(document: Document, place: Place) -> list[tuple[str, str]]:
    pairs = []
    for pair in document.items(place):
        ends = list(document.items(pair))
        if len(ends) != 2:
            document.problem(
                pair, "must be a pair of logins: [the one that may not depend, the one it may not use]."
            )
            continue
        first, second = (_login(document, end) for end in ends)
        if first and second:
            pairs.append((first, second))
    return pairs


def _is_repeated(document: Document, place: Place, name: str, seen: dict[str, Place]) -> bool:
    """Whether this login or full name stood further up; a login never has the slash that a full name has."""
    first = seen.setdefault(name.lower(), place)
    if first is place:
        return False
    document.problem(place, f"{name} is already on line {first.line}; case makes no difference on GitHub.")
    return True


def _optional_text(document: Document, place: Place, longest: int) -> str:
    return "" if place.node.tag == NULL else document.text(place, longest) or ""


def _login(document: Document, place: Place) -> str | None:
    login = document.text(place, 100)
    if login is not None and not re.fullmatch(LOGIN.regex, login):
        document.problem(place, f"“{login}” is no login. {LOGIN.message}")
        return None
    return login


def _full_name(document: Document, place: Place, owner: str | None) -> str | None:
    """owner/name as written; a bare name belongs to ``owner``, where one is given."""
    written = document.text(place, 201)
    if written is None:
        return None
    before, slash, name = written.rpartition("/")
    sentence = ""
    if not slash and owner is None:
        sentence = f"“{written}” must be owner/name, as in the repository's address."
    elif slash and not re.fullmatch(LOGIN.regex, before):
        sentence = f"“{before}” is no login. {LOGIN.message}"
    elif not re.fullmatch(NAME.regex, name) or name in (".", ".."):
        sentence = f"“{name}” is no repository. {NAME.message}"
    if sentence:
        document.problem(place, sentence)
        return None
    return written if slash else f"{owner}/{name}"
