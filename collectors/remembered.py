"""Bodies of conditional lists in the database, for credentials that rotate (``collectors.github.etags``)."""

from __future__ import annotations

import zlib
from datetime import timedelta
from functools import cached_property

from django.utils import timezone

from dashboard.models import Collection, GitHubServer, RememberedAnswer, Repository

KEPT = timedelta(days=8)
"""An answer that nobody asked for again in this time is forgotten; a weekly collection still finds its own."""
DISTRUSTED = timedelta(days=7)
"""After this a server that made its ETags otherwise is given another try."""
LARGEST = 8 * 1024 * 1024


class StoredBodies:
    """Of one repository at one server."""

    def __init__(self, address: str, repository: Repository) -> None:
        self._address = address
        self._repository = repository

    def trusted(self) -> bool:
        return self._trusted

    @cached_property
    def _trusted(self) -> bool:
        since = timezone.now() - DISTRUSTED
        return not GitHubServer.objects.filter(address=self._address, mistaken_at__gt=since).exists()

    def body(self, place: str, etag: str) -> str | None:
        rows = RememberedAnswer.objects.filter(repository=self._repository, place=place, etag=etag)
        packed = rows.values_list("packed", flat=True).first()
        if packed is None:
            return None
        rows.update(asked_at=timezone.now())
        return zlib.decompress(packed).decode("utf-8", "surrogateescape")

    def keep(self, place: str, etag: str, body: str) -> None:
        data = body.encode("utf-8", "surrogateescape")
        if len(data) <= LARGEST:
            RememberedAnswer.objects.update_or_create(
                repository=self._repository,
                place=place,
                defaults={"etag": etag, "packed": zlib.compress(data), "asked_at": timezone.now()},
            )

    def mistaken(self) -> None:
        self.__dict__["_trusted"] = False
        GitHubServer.objects.update_or_create(address=self._address, defaults={"mistaken_at": timezone.now()})
        for collection in Collection.objects.filter(finished_at=None):
            add_note(collection, told_of_servers())


def told_of_servers() -> str:
    """A sentence for the night where a server's ETags are not predicted any more; "" where all is well."""
    since = timezone.now() - DISTRUSTED
    told = GitHubServer.objects.filter(mistaken_at__gt=since).order_by("address")
    return " ".join(
        f"ETags of {server.address} were not as predicted on {server.mistaken_at:%d %b}: until "
        f"{server.mistaken_at + DISTRUSTED:%d %b} its lists are asked for in full."
        for server in told
    )


def add_note(collection: Collection, sentence: str) -> None:
    if sentence and sentence not in collection.note:
        collection.note = f"{collection.note} {sentence}".strip()
        collection.save(update_fields=["note"])


def forget_old() -> None:
    """Drop what nobody has asked for lately."""
    RememberedAnswer.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()
