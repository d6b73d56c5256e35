"""Cut GitHub's OpenAPI description down to what the look-alike answers.

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz
    python tests/samples/openapi/slice.py package > tests/samples/openapi/github.json

Takes ``generated/api.github.com.json`` (OpenAPI 3.0), keeps the answers of the operations below and every schema
that they lead to, and drops all prose and examples. Nothing else is changed: ``tests/lookalike/openapi.py`` turns
OpenAPI's ``nullable`` into JSON Schema when it validates.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

OPERATIONS = (
    "/rate_limit",
    "/user",
    "/orgs/{org}",
    "/orgs/{org}/repos",
    "/users/{username}/repos",
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/actions/runs",
    "/repos/{owner}/{repo}/actions/runs/{run_id}",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
    "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs",
    "/repos/{owner}/{repo}/actions/artifacts",
    "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}",
    "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}",
    "/repos/{owner}/{repo}/commits/{ref}",
    "/repos/{owner}/{repo}/compare/{basehead}",
    "/repos/{owner}/{repo}/git/trees/{tree_sha}",
    "/repos/{owner}/{repo}/contents/{path}",
)
PROSE = {"description", "title", "example", "examples", "deprecated", "externalDocs"}
PREFIX = "#/components/"


def main(package: Path) -> None:
    document = json.loads((package / "generated/api.github.com.json").read_text())
    version = json.loads((package / "package.json").read_text())["version"]
    paths = {path: answers(document, path) for path in OPERATIONS}
    kept: dict[str, Any] = {}
    waiting = references(paths)
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = without_prose(document["components"]["schemas"][name])
            waiting |= references(kept[name])
    origin = f"npm @octokit/openapi {version}, generated/api.github.com.json, cut by slice.py (MIT licence)"
    sliced = {"origin": origin, "paths": paths, "components": {"schemas": dict(sorted(kept.items()))}}
    print(json.dumps(sliced, separators=(",", ":"), sort_keys=True))


def answers(document: dict[str, Any], path: str) -> dict[str, Any]:
    """Status → the schema of its JSON body, null where it has none."""
    found = {}
    for status, response in document["paths"][path]["get"]["responses"].items():
        if "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        body = response.get("content", {}).get("application/json", {}).get("schema")
        found[status] = without_prose(body) if body else None
    return found


def without_prose(node: Any, *, names: bool = False) -> Any:
    """The same without what only people read; ``names``: the keys are names of properties, all of them stay."""
    if isinstance(node, list):
        return [without_prose(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_prose(value, names=key == "properties" and not names)
        for key, value in node.items()
        if names or not (key in PROSE or key.startswith("x-"))
    }


def references(node: Any) -> set[str]:
    """The names of all schemas that are referred to within."""
    if isinstance(node, list):
        return set().union(*map(references, node))
    if not isinstance(node, dict):
        return set()
    found = set().union(*map(references, node.values()))
    if isinstance(node.get("$ref"), str):
        found.add(node["$ref"].removeprefix(PREFIX + "schemas/"))
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
