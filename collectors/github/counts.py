"""What a collection spent on GitHub."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass
class RequestCounts:
    """What was spent on GitHub.

    ``rest``: answered REST requests except 304s and ``/rate_limit``; ``not_modified``: 304s, ``predicted``: those
    of them that a predicted ETag brought; ``downloads``: answers begun at the blob host; ``retried``: attempts
    after the first, of any kind; ``backed_off``: answers that said "not now"; ``bytes``: of the API's answers,
    unpacked; ``download_bytes``: of artifacts, as they came.
    """

    graphql: int = 0
    rest: int = 0
    not_modified: int = 0
    predicted: int = 0
    downloads: int = 0
    retried: int = 0
    backed_off: int = 0
    bytes: int = 0
    download_bytes: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)
