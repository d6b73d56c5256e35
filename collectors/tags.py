"""The tags that GitHub named beside everything else: stored where they are other than before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction

from collectors.github.pulse import TAGS, PulseTag
from dashboard.models import Tag

LONGEST_NAME = 250
"""Git allows more; nobody reads it."""


def store_tags(told: Iterable[tuple[int, tuple[PulseTag, ...]]]) -> None:
    """Bring the tags of these repositories (by id) to what was told of them; one query where nothing changed.

    A list that is full may hold the newest only, so that what it lacks is kept.
    """
    named = {
        repository: {tag.name.replace("\0", "")[:LONGEST_NAME]: tag for tag in tags} for repository, tags in told
    }
    stored: dict[int, dict[str, Tag]] = defaultdict(dict)
    for row in Tag.objects.filter(repository__in=named):
        stored[row.repository_id][row.name] = row
    written, gone = [], []
    for repository, tags in named.items():
        known = stored[repository]
        for name, tag in tags.items():
            before = known.get(name)
            if before is None or (before.sha, before.at) != (tag.sha, tag.at):
                written.append(Tag(repository_id=repository, name=name, sha=tag.sha[:64], at=tag.at))
        if len(tags) < TAGS:
            gone += [row.pk for name, row in known.items() if name not in tags]
    if written or gone:
        with transaction.atomic():
            Tag.objects.filter(pk__in=gone).delete()
            Tag.objects.bulk_create(
                written,
                update_conflicts=True,
                unique_fields=["repository", "name"],
                update_fields=["sha", "at"],
            )
