"""Static files under hashed names, so that a browser may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    # A page in a test or before collectstatic still links its plain file instead of failing.
    manifest_strict = False
