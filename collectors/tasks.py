"""The Celery doors: ids in, one service called, nothing out. What each does is idempotent.

Which queue each takes stands in the settings (``CELERY_TASK_ROUTES``).
"""

from __future__ import annotations

import logging
from datetime import date

from celery import shared_task
from django.utils import timezone

from collectors import collect, maintenance, night, questions, sentinel, sweep
from collectors.clients import ask_again
from collectors.remembered import add_note
from dashboard.models import Collection, Organization, Repository, RepositoryCollection

logger = logging.getLogger(__name__)

# A repository that takes longer than this is stopped; what it has stored stays, the next collection goes on.
SOFT_LIMIT_SECONDS = 30 * 60
# One question for a handful of repositories, with its repeats.
QUESTION_LIMIT_SECONDS = 10 * 60


@shared_task
def collect_night() -> None:
    """Tonight's collection; the schedule named “Nightly collection” in the admin calls it."""
    begin_and_hand_out(Collection.Trigger.NIGHT)


@shared_task
def collect_now(trigger: str = Collection.Trigger.ADMIN, repository_ids: list[int] | None = None) -> None:
    """A collection asked for by hand, of some repositories or of all."""
    begin_and_hand_out(trigger, repository_ids)


@shared_task
def take_up_left_work() -> None:
    """Every minute: what a dead worker or an emptied broker left."""
    sweep.sweep()


@shared_task
def maintain() -> None:
    """Partitions, retention, what nothing points at; the schedule “Maintenance” calls it after the night."""
    logger.info("maintenance: %s", maintenance.maintain(timezone.now()))


@shared_task
def retry(entry_ids: list[int]) -> None:
    """Collect failed repositories once more; the retry buttons call it."""
    sweep.retry(entry_ids)


@shared_task(soft_time_limit=QUESTION_LIMIT_SECONDS, time_limit=QUESTION_LIMIT_SECONDS + 60)
def answer(question_id: int) -> None:
    """Something that the admin wants to know of GitHub while an organization is set up."""
    questions.answer(question_id)


@shared_task(soft_time_limit=QUESTION_LIMIT_SECONDS, time_limit=QUESTION_LIMIT_SECONDS + 60)
def sort_out(entry_ids: list[int]) -> None:
    """Ask once for a handful of repositories whether anything ran; only those where it did are handed on."""
    for entry_id in sentinel.sort_out(entry_ids, may_put_off=True):
        collect_repository.delay(entry_id)
    night.finish_if_done(_collection_of(entry_ids[0]))


@shared_task(soft_time_limit=SOFT_LIMIT_SECONDS, time_limit=SOFT_LIMIT_SECONDS + 60)
def collect_repository(entry_id: int) -> None:
    """Light one repository; its past follows on a queue of its own."""
    with sweep.in_hand(entry_id) as ours:
        more = ours and collect.light(entry_id, may_put_off=True)
    if more:
        backfill_repository.delay(entry_id)
    else:
        night.finish_if_done(_collection_of(entry_id))


@shared_task(soft_time_limit=SOFT_LIMIT_SECONDS, time_limit=SOFT_LIMIT_SECONDS + 60)
def backfill_repository(entry_id: int) -> None:
    """Read the next of a repository's older commits, then queue up again behind the others."""
    with sweep.in_hand(entry_id) as ours:
        more = ours and collect.deepen(entry_id, may_put_off=True)
    if more:
        backfill_repository.delay(entry_id)
    else:
        night.finish_if_done(_collection_of(entry_id))


def _collection_of(entry_id: int) -> int:
    return RepositoryCollection.objects.values_list("collection_id", flat=True).get(pk=entry_id)


def begin_and_hand_out(
    trigger: str, repository_ids: list[int] | None = None, since: date | None = None
) -> tuple[Collection, list[int]]:
    """Begin or join a collection and queue its repositories; (the collection, the entries of those asked for)."""
    collection, entries, asked = prepare(trigger, repository_ids, since)
    sweep.hand_out(entries)
    if not entries:
        night.finish_if_done(collection.pk)
    return collection, asked


def prepare(
    trigger: str, repository_ids: list[int] | None = None, since: date | None = None
) -> tuple[Collection, list[int], list[int]]:
    """(collection, entries still to work on, entries of the repositories that were asked for)."""
    if trigger == Collection.Trigger.COMMAND:
        ask_again()
    troubles = night.discover(Organization.objects.filter(discover=True)) if repository_ids is None else []
    chosen = Repository.objects.all()
    if repository_ids is not None:
        chosen = chosen.filter(pk__in=repository_ids)
    collection, entries = night.begin(trigger, chosen, since)
    if troubles:
        add_note(collection, " ".join(troubles))
    asked = collection.repositories.filter(repository__in=chosen)
    return collection, entries, list(asked.values_list("pk", flat=True))
