"""The tags that GitHub named beside everything else, and their releases: stored where they differ from before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction

from collectors.github.pulse import TAGS, PulseTag
from dashboard.models import Tag

LONGEST_NAME = 250
"""Of a tag and of a release; more is allowed, and nobody reads it."""
LONGEST_URL = 2_000
FOLLOWING = ("sha", "at", "release", "release_url")
"""What of a stored tag follows when GitHub says another."""


def store_tags(told: Iterable[tuple[int, tuple[PulseTag, ...]]]) -> None:
    """Bring the tags of these repositories (by id) to what was told of them; one query where nothing changed.

    A list that is full may hold the newest only, so that what it lacks is kept.
    """
    named = {repository: {tag.name: tag for tag in map(_storable, tags)} for repository, tags in told}
    stored: dict[int, dict[str, Tag]] = defaultdict(dict)
    for row in Tag.objects.filter(repository__in=named):
        stored[row.repository_id][row.name] = row
    written, gone = [], []
    for repository, tags in named.items():
        known = stored[repository]
        for name, tag in tags.items():
            before = known.get(name)
            if before is None or any(getattr(before, field) != getattr(tag, field) for field in FOLLOWING):
                written.append(
                    Tag(repository_id=repository, name=name, **{field: getattr(tag, field) for field in FOLLOWING})
                )
        if len(tags) < TAGS:
            gone += [row.pk for name, row in known.items() if name not in tags]
    if written or gone:
        with transaction.atomic():
            Tag.objects.filter(pk__in=gone).delete()
            Tag.objects.bulk_create(
                written,
                update_conflicts=True,
                unique_fields=["repository", "name"],
                update_fields=FOLLOWING,
            )


def _storable(tag: PulseTag) -> PulseTag:
    """As the table takes it: no NUL, nothing longer than anybody reads."""
    return PulseTag(
        name=tag.name.replace("\0", "")[:LONGEST_NAME],
        sha=tag.sha[:64],
        at=tag.at,
        release=tag.release.replace("\0", "")[:LONGEST_NAME],
        release_url=tag.release_url.replace("\0", "")[:LONGEST_URL],
    )
