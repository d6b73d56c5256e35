"""``manage.py collect``: collect now, with progress, by the workers or in this process."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from collectors import collect, night, sentinel, tasks
from dashboard.celery import app
from dashboard.models import Collection, Organization, Repository, RepositoryCollection
from dashboard.wording import duration

POLL_SECONDS = 0.5
WORKER_ANSWERS_WITHIN_SECONDS = 2.0
LINE_SECONDS = 10.0


class Command(BaseCommand):
    help = "Collect test results and coverage now, and show progress until it is done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--org", action="append", default=[], metavar="LOGIN", help="only this organization")
        parser.add_argument(
            "--repo", action="append", default=[], metavar="OWNER/NAME", help="only this repository"
        )
        parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="look back to this day")
        parser.add_argument("--inline", action="store_true", help="do all of it in this process, without workers")
        parser.add_argument("--start", action="store_true", help="hand the work to the workers and return at once")
        parser.add_argument("--json", action="store_true", help="print a summary as the last line of stdout")

    def handle(self, **options: Any) -> None:
        ids = chosen_repositories(options["org"], options["repo"])
        if options["start"]:
            tasks.begin_and_hand_out(Collection.Trigger.COMMAND, ids, options["since"])
            return
        if options["inline"] or not self._worker_answers():
            collection, asked = self._inline(ids, options["since"])
        else:
            collection, asked = tasks.begin_and_hand_out(Collection.Trigger.COMMAND, ids, options["since"])
            self._watch(collection, asked)
        collection.refresh_from_db()
        self._report(collection, night.summary(collection, asked), as_json=options["json"])

    def _worker_answers(self) -> bool:
        if app.control.ping(timeout=WORKER_ANSWERS_WITHIN_SECONDS, limit=1):
            return True
        self.stderr.write("No worker is running, so this process does the work itself.")
        return False

    def _inline(self, ids: list[int] | None, since: date | None) -> tuple[Collection, list[int]]:
        collection, entries, asked = tasks.prepare(Collection.Trigger.COMMAND, ids, since)
        self._say_what_is_done(collection, asked)
        with progress(collection, asked) as update:
            # Those whose past was being read when an earlier process ended go on there: their lists are stored.
            older = left_in_their_past(entries)
            going_on = set(older)
            for entry_id in sentinel.worth_asking([entry for entry in entries if entry not in going_on]):
                if collect.light(entry_id):
                    older.append(entry_id)
                update()
            for entry_id in older:
                while collect.deepen(entry_id):
                    update()
                update()
        night.finish_if_done(collection.pk)
        return collection, asked

    def _watch(self, collection: Collection, asked: list[int]) -> None:
        self._say_what_is_done(collection, asked)
        with progress(collection, asked) as update:
            while not update():
                time.sleep(POLL_SECONDS)

    def _say_what_is_done(self, collection: Collection, asked: list[int]) -> None:
        done = night.progress(collection, asked)
        if done.ended or done.artifacts:
            self.stderr.write(
                f"Going on with the collection begun {collection.started_at:%Y-%m-%d %H:%M} UTC: {done.ended} of "
                f"{done.repositories} repositories and {done.artifacts + done.rejected} artifacts are done."
            )

    def _report(self, collection: Collection, summary: dict[str, Any], as_json: bool) -> None:
        for trouble in summary["errors"]:
            self.stderr.write(f"{trouble['repository']}: {trouble['error']}")
        if as_json:
            self.stdout.write(orjson.dumps(summary).decode())
        else:
            self.stdout.write(
                "{repositories} repositories: {collected} read, {unchanged} unchanged, {no_evidence} without "
                "evidence, {failed} failed. {artifacts} artifacts, {reports} reports, {tests} test results in "
                "{seconds:.1f} s, {rest} requests.".format(**summary, rest=summary["requests"]["rest"])
            )
        waiting = collection.repositories.filter(state=RepositoryCollection.State.PUT_OFF).order_by("not_before")
        first = waiting.values_list("not_before", flat=True).first()
        if first is not None:
            self.stderr.write(f"The workers take up what is put off from {first:%H:%M} UTC on; /ingest/ shows it.")
        if summary["failed"]:
            sys.exit(1)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--since {text} is no date: write it as 2026-01-31.", returncode=2) from None


def chosen_repositories(logins: list[str], names: list[str]) -> list[int] | None:
    """Ids of the repositories asked for; None for all. Raises CommandError for one that is not known."""
    if not logins and not names:
        return None
    wanted = Q(pk__in=[])
    for login in logins:
        if not Organization.objects.filter(login__iexact=login).exists():
            raise CommandError(
                f"There is no organization {login}: add it in the admin or with load_estate.", returncode=2
            )
        wanted |= Q(organization__login__iexact=login)
    for name in names:
        if not Repository.objects.filter(full_name__iexact=name).exists():
            raise CommandError(
                f"There is no repository {name}: add it in the admin or with load_estate.", returncode=2
            )
        wanted |= Q(full_name__iexact=name)
    return list(Repository.objects.filter(wanted).values_list("pk", flat=True))


def left_in_their_past(entries: list[int]) -> list[int]:
    """The entries that only older commits are left of, in their order."""
    state = RepositoryCollection.State.BACKFILLING
    found = set(RepositoryCollection.objects.filter(pk__in=entries, state=state).values_list("pk", flat=True))
    return [entry for entry in entries if entry in found]


def progress(collection: Collection, asked: list[int]) -> progress_bar | progress_lines:
    """A bar on a terminal, lines elsewhere; both tell when it will be done."""
    return (progress_bar if sys.stderr.isatty() else progress_lines)(collection, asked)


def seconds_left(done: int, left: int, seconds: float) -> float | None:
    """How long the rest takes at the pace so far; None before anything was done."""
    return seconds * left / done if done > 0 else None


class progress_lines:  # noqa: N801 - reads as the function that it stands for
    """Progress on stderr where it is no terminal: a line every ten seconds, and one at the end."""

    def __init__(self, collection: Collection, asked: list[int]) -> None:
        self.collection, self.asked = collection, asked
        self.began = self.told_at = time.monotonic()
        self.done_before = 0

    def __enter__(self) -> Any:
        now = night.progress(self.collection, self.asked)
        self.done_before = now.ended + now.artifacts + now.rejected
        return self.update

    def __exit__(self, *exception: object) -> None:
        self.tell(night.progress(self.collection, self.asked))

    def update(self) -> bool:
        """True when all has ended or was put off, which may last for an hour."""
        now = night.progress(self.collection, self.asked)
        if time.monotonic() - self.told_at >= LINE_SECONDS:
            self.tell(now)
        return now.ended + now.put_off >= now.repositories

    def tell(self, now: night.Progress) -> None:
        self.told_at = time.monotonic()
        read = now.artifacts + now.rejected
        left = now.repositories - now.ended + now.pending
        rest = seconds_left(now.ended + read - self.done_before, left, self.told_at - self.began)
        when = f", about {duration(rest)} to go" if left and rest is not None else ""
        text = f"{now.ended} of {now.repositories} repositories, {read} of {read + now.pending} artifacts{when}"
        text += f", {now.put_off} put off" if now.put_off else ""
        print(text, file=sys.stderr, flush=True)


class progress_bar:  # noqa: N801 - reads as the function that it stands for
    """Progress on stderr; the value it gives redraws it and says whether all has ended."""

    def __init__(self, collection: Collection, asked: list[int]) -> None:
        self.collection, self.asked = collection, asked
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )

    def __enter__(self) -> Any:
        self.bar.start()
        self.repositories = self.bar.add_task("repositories", total=len(self.asked))
        self.artifacts = self.bar.add_task("artifacts", total=None)
        return self.update

    def __exit__(self, *exception: object) -> None:
        self.bar.stop()

    def update(self) -> bool:
        """Redraw; True when all has ended or was put off, which may last for an hour."""
        now = night.progress(self.collection, self.asked)
        read = now.artifacts + now.rejected
        self.bar.update(self.repositories, completed=now.ended)
        self.bar.update(self.artifacts, completed=read, total=read + now.pending)
        return now.ended + now.put_off >= now.repositories
