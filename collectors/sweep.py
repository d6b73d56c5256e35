"""What a dead worker or an emptied broker left lying is handed out again; what keeps killing workers is given up.

    every minute: sweep() ─▶ everything ended, collection still open ─▶ finished
                        ├──▶ put off, its time has come            ─▶ handed out
                        ├──▶ still, held by nobody, queues empty   ─▶ handed out
                        ├──▶ a night was sent and none stands      ─▶ sent again
                        ├──▶ ended before nights were counted      ─▶ counted from what is stored, some at a time
                        └──▶ read before tests had statistics      ─▶ told from what is stored, some at a time

Handing out twice is harmless: a repository's lock lets one worker at a time work on it, and each step goes on from
what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from collectors import day_sums, night, sentinel
from collectors.case_statistics import refresh_untold
from collectors.collect import LOCK_CLASS, only_collector_of
from dashboard.models import Collection, Repository, RepositoryCollection

State = RepositoryCollection.State

NIGHT_TASK = "collectors.tasks.collect_night"
# A night that was lost longer ago is the next one's work.
NIGHT_LOST_WITHIN = timedelta(hours=6)
CLOCKS_DIFFER = timedelta(minutes=1)
UNTOLD_AT_ONCE = 50
DEATHS_AT_MOST = 3
GIVEN_UP = (
    f"{DEATHS_AT_MOST} workers in a row died while collecting this repository; see the worker's log and the "
    "machine's memory, then collect it again."
)


def sweep() -> list[int]:
    """Finish what has ended and hand out what was left; the entries handed out."""
    open_ids = list(Collection.objects.filter(finished_at=None).values_list("pk", flat=True))
    running = [collection_id for collection_id in open_ids if not night.finish_if_done(collection_id)]
    queues_empty = not messages_waiting()
    taken = _take_up(running, also_still=queues_empty)
    hand_out(taken)
    day_sums.sum_up_in_passing()
    if queues_empty and night_was_lost(timezone.now()):
        current_app.send_task(NIGHT_TASK)
    night.count_ended()
    refresh_untold(UNTOLD_AT_ONCE, only_collector_of)
    return taken


def night_was_lost(now: datetime) -> bool:
    """Beat sent tonight's message and no collection stands for it: it went with the broker before a worker began.

    Sending it once more is harmless: who comes second joins the collection that runs.
    """
    still = now - timedelta(seconds=settings.SWEEP_STILL_SECONDS)
    schedules = PeriodicTask.objects.filter(task=NIGHT_TASK, enabled=True, total_run_count__gt=0)
    sent = schedules.filter(last_run_at__gt=now - NIGHT_LOST_WITHIN, last_run_at__lt=still).aggregate(
        at=Max("last_run_at")
    )["at"]
    if sent is None:
        return False
    since = sent - CLOCKS_DIFFER
    stands = Q(finished_at=None) | Q(started_at__gte=since) | Q(finished_at__gte=since)
    return not Collection.objects.filter(stands, since=None).exists()


def retry(entry_ids: Sequence[int]) -> list[int]:
    """Put failed or put-off entries back to waiting and hand them out; their collection is open again.

    Asked twice, the second finds nothing to do.
    """
    with transaction.atomic():
        rows = RepositoryCollection.objects.select_for_update().filter(
            pk__in=entry_ids, state__in=(State.FAILED, State.PUT_OFF)
        )
        again = list(rows.order_by("pk").values_list("pk", flat=True))
        RepositoryCollection.objects.filter(pk__in=again).update(
            state=State.WAITING, error="", finished_at=None, not_before=None, deaths=0, handed_out_at=timezone.now()
        )
        Collection.objects.filter(repositories__in=again).update(finished_at=None, fared=None, parts=None)
    hand_out(again)
    return again


def hand_out(entry_ids: Sequence[int]) -> None:
    """Queue entries where each stands: the waiting by handfuls to the sentinel, the begun to where they were."""
    RepositoryCollection.objects.filter(pk__in=entry_ids).update(handed_out_at=timezone.now())
    states = dict(RepositoryCollection.objects.filter(pk__in=entry_ids).values_list("pk", "state"))
    waiting = [entry_id for entry_id in entry_ids if states.get(entry_id) == State.WAITING]
    for batch in sentinel.batches(waiting):
        current_app.send_task("collectors.tasks.sort_out", [batch])
    for entry_id in entry_ids:
        if states.get(entry_id) in (State.LISTING, State.READING):
            current_app.send_task("collectors.tasks.collect_repository", [entry_id])
        elif states.get(entry_id) == State.BACKFILLING:
            current_app.send_task("collectors.tasks.backfill_repository", [entry_id])


@contextmanager
def in_hand(entry_id: int) -> Iterator[bool]:
    """Hold an entry's repository; False when there is nothing to do, the entry having ended or been given up.

    The death is counted beforehand and struck out afterwards, for a worker that is killed cannot count any more.
    """
    entry = RepositoryCollection.objects.only("repository_id").get(pk=entry_id)
    with only_collector_of(entry.repository_id):
        entry.refresh_from_db(fields=["state", "deaths"])
        if entry.state not in RepositoryCollection.ENDED and entry.deaths >= DEATHS_AT_MOST:
            _give_up(entry)
        if entry.state in RepositoryCollection.ENDED:
            yield False
            return
        row = RepositoryCollection.objects.filter(pk=entry_id)
        row.update(deaths=F("deaths") + 1, handed_out_at=timezone.now())
        yield True
        row.update(deaths=0, handed_out_at=timezone.now())


def messages_waiting() -> int:
    """How many messages no worker has taken yet: while there are some, what is still may only be queued."""
    with current_app.connection_for_read() as broker:
        channel = broker.default_channel
        return sum(channel.queue_declare(queue=name).message_count for name in settings.CELERY_TASK_QUEUE_NAMES)


def _take_up(collection_ids: Sequence[int], also_still: bool) -> list[int]:
    """Claim the entries that are due, so that a second sweep does not find them."""
    now = timezone.now()
    due = Q(state=State.PUT_OFF) & (Q(not_before__lte=now) | Q(not_before=None))
    if also_still:
        due |= ~Q(state=State.PUT_OFF) & Q(moved_at__lt=now - timedelta(seconds=settings.SWEEP_STILL_SECONDS))
    with transaction.atomic():
        rows = (
            RepositoryCollection.objects.select_for_update(skip_locked=True, of=("self",))
            .alias(moved_at=Coalesce("handed_out_at", "collection__started_at"))
            .filter(due, collection__in=collection_ids)
            .exclude(state__in=RepositoryCollection.ENDED)
            .exclude(repository__in=_held())
        )
        taken = list(rows.order_by("pk").values_list("pk", flat=True))
        chosen = RepositoryCollection.objects.filter(pk__in=taken)
        chosen.filter(state=State.PUT_OFF).update(state=State.WAITING, not_before=None, error="")
        chosen.update(handed_out_at=now)
    return taken


def _held() -> set[int]:
    """Repositories that a living worker holds; a dead one's locks went with its connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
            " AND classid::bigint = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [LOCK_CLASS],
        )
        return {row[0] for row in cursor.fetchall()}


def _give_up(entry: RepositoryCollection) -> None:
    now = timezone.now()
    entry.state, entry.error, entry.finished_at = State.FAILED, GIVEN_UP, now
    entry.save(update_fields=["state", "error", "finished_at"])
    Repository.objects.filter(pk=entry.repository_id).update(error=GIVEN_UP, error_at=now)
