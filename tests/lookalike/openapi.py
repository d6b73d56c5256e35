"""Holds an answer against GitHub's OpenAPI description (tests/samples/openapi)."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

SLICE = Path(__file__).parent.parent / "samples/openapi/github.json"

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    """RFC 3339 as GitHub writes it, always with a zone."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@formats.checks("uri")
def is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@cache
def description() -> dict[str, Any]:
    return as_json_schema(json.loads(SLICE.read_text()))


def operations() -> list[str]:
    return list(description()["paths"])


def operation_of(path: str) -> str:
    """The operation that a path belongs to; a repository's path may be by id."""
    path = re.sub(r"^/repositories/\d+", "/repos/owner/name", path)
    # Longer templates first, so that a folder's path does not swallow an artifact's.
    for template in sorted(operations(), key=lambda each: (each.endswith("{path}"), -len(each))):
        pattern = re.sub(
            r"\\\{(\w+)\\\}", lambda found: ".*" if found[1] == "path" else "[^/]+", re.escape(template)
        )
        if re.fullmatch(pattern, path):
            return template
    raise AssertionError(f"GitHub describes no {path}")


def complaints(path: str, status: int, body: Any) -> list[str]:
    """What the description has against an answer; empty when it is as described."""
    statuses = description()["paths"][operation_of(path)]
    if str(status) not in statuses:
        return [f"{status} is not described for {operation_of(path)}"]
    schema = statuses[str(status)]
    if schema is None:
        return [] if body is None else ["no body is described"]
    validator = Draft202012Validator(
        {"$ref": "#/wanted", "wanted": schema, "components": description()["components"]}, format_checker=formats
    )
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]


def as_json_schema(node: Any, *, names: bool = False) -> Any:
    """OpenAPI 3.0 in JSON Schema's words: ``nullable`` becomes a choice between the schema and null.

    An object that lists its properties is also closed, so that a field which GitHub does not have is found;
    ``names``: the keys are names of properties and not words of the schema.
    """
    if isinstance(node, list):
        return [as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {key: as_json_schema(value, names=key == "properties" and not names) for key, value in node.items()}
    if names:
        return changed
    changed.pop("discriminator", None)
    if changed.get("properties") and not {"allOf", "anyOf", "oneOf"} & set(changed):
        changed.setdefault("additionalProperties", False)
    if changed.pop("nullable", False):
        return {"anyOf": [changed, {"type": "null"}]}
    return changed
