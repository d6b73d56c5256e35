"""Files and folders of a repository as GitHub lists them: of a whole tree, and one by one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from .shapes import Shapes
from .things import FakeRepository

# Of larger files GitHub gives the raw bytes only.
LARGEST_ENCODED = 1024 * 1024


def tree_entries(files: Mapping[str, bytes], base: str) -> list[dict[str, Any]]:
    """All files and folders of a repository in path order, as a recursive tree lists them."""
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    entries: list[dict[str, Any]] = []
    for path in sorted(folders | set(files)):
        data = files.get(path)
        if data is None:
            sha = folder_sha(path)
            entries.append(
                {"path": path, "mode": "040000", "type": "tree", "sha": sha, "url": f"{base}/trees/{sha}"}
            )
        else:
            sha = blob_sha(data)
            entry: dict[str, Any] = {
                "path": path,
                "mode": "100644",
                "type": "blob",
                "sha": sha,
                "url": f"{base}/blobs/{sha}",
            }
            entries.append({**entry, "size": len(data)})
    return entries


def content_object(shapes: Shapes, repository: FakeRepository, path: str, *, whole: bool = False) -> dict[str, Any]:
    """A file or folder as ``contents`` lists it; ``whole`` adds a file's bytes."""
    data = repository.files.get(path)
    api = f"{shapes.api_url}/repos/{repository.full_name}"
    web = f"{shapes.estate.web_url}/{repository.full_name}"
    kind, sha = ("dir", folder_sha(path)) if data is None else ("file", blob_sha(data))
    url = f"{api}/contents/{path}?ref={repository.default_branch}"
    git_url = f"{api}/git/{'trees' if data is None else 'blobs'}/{sha}"
    html_url = f"{web}/{'tree' if data is None else 'blob'}/{repository.default_branch}/{path}"
    shaped: dict[str, Any] = {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(data or b""),
        "url": url,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": None if data is None else f"{web}/raw/{repository.default_branch}/{path}",
        "type": kind,
        "_links": {"self": url, "git": git_url, "html": html_url},
    }
    if whole and data is not None:
        small = len(data) <= LARGEST_ENCODED
        content = base64.encodebytes(data).decode() if small else ""
        shaped |= {"content": content, "encoding": "base64" if small else "none"}
    return shaped


def blob_sha(data: bytes) -> str:
    """Git's own name for a file's bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324


def folder_sha(path: str) -> str:
    """A stand-in for a folder's name in Git: stable, and not Git's."""
    return hashlib.sha1(path.encode()).hexdigest()  # noqa: S324
