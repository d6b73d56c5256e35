"""Static files under hashed names, so that a browser may keep them for ever; what every page needs in one file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SITE = (
    "css/tokens.css",
    "css/base.css",
    "css/components/bar.css",
    "css/components/marks.css",
    "css/components/controls.css",
    "css/components/figures.css",
    "css/components/table.css",
)
"""The style sheets of every page, in the order of their cascade."""
BUNDLE = "css/site.css"
"""All of them, as ``collectstatic`` puts them together: one file that holds up the first paint instead of seven."""


class HashedStorage(CompressedManifestStaticFilesStorage):
    manifest_strict = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._addresses: dict[str, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """The address, looked up once: a page links twenty files, whose names change in ``post_process`` only."""
        key = name or ""
        if key not in self._addresses:
            self._addresses[key] = str(super().url(name, force))
        return self._addresses[key]

    def stored_name(self, name: str) -> str:
        """A page in a test or before collectstatic links its plain file instead of failing."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name

    def site_styles(self) -> tuple[str, ...]:
        """The names that a page links: the bundle where it was made, else its parts."""
        return (BUNDLE,) if BUNDLE in self.hashed_files else SITE

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        self._addresses.clear()
        if not dry_run and all(name in paths for name in SITE):
            parts = []
            for name in SITE:
                storage, path = paths[name]
                with storage.open(path) as file:
                    parts.append(file.read())
            # Beside tokens.css, so that what it names by a relative address is still there.
            self.delete(BUNDLE)
            self.save(BUNDLE, ContentFile(b"\n".join(parts)))
            paths[BUNDLE] = (self, BUNDLE)
        yield from super().post_process(paths, dry_run, **options)
