"""From a listed artifact to stored reports: known bytes are recognised, others downloaded, read and stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from collectors.github.client import Download, GitHubClient
from collectors.github.errors import (
    ConnectionTrouble,
    DigestMismatch,
    Gone,
    NotFound,
    ServerTrouble,
    TooLarge,
    UnexpectedAnswer,
)
from collectors.ingest import READER_VERSION, refusal, store_reading
from collectors.parsers.results import Cost, Reading
from collectors.paths import PathResolver
from collectors.sandbox import SandboxError, layers, read_safely
from collectors.trees import resolver_for
from dashboard.models import Artifact, Repository, RepositoryCollection

State = Artifact.State

MOST_WARNINGS = 20

# Troubles of one artifact only: the others of the repository are still worth asking for.
OF_THIS_ARTIFACT = (ServerTrouble, ConnectionTrouble, DigestMismatch, UnexpectedAnswer)


def read_pending(entry: RepositoryCollection, client: GitHubClient, sha: str) -> None:
    """Read every artifact of a commit that is still to be read, oldest upload first.

    Raises a GitHubError when nothing more can be asked of GitHub now; trouble with a single artifact is written
    on that artifact, which stays to be read.
    """
    of_commit = Artifact.objects.filter(
        repository=entry.repository, run__head_sha=sha, run__is_trend=True, state=State.LISTED
    )
    read_all(entry, client, of_commit.select_related("run").order_by("created_at", "github_id"))


def read_all(entry: RepositoryCollection, client: GitHubClient, artifacts: Iterable[Artifact]) -> None:
    """Read some artifacts in their order; raises as ``read_pending`` does."""
    for artifact in artifacts:
        artifact.repository = entry.repository
        if not _recognise(entry, artifact):
            _read(entry, client, artifact)


def _recognise(entry: RepositoryCollection, artifact: Artifact) -> bool:
    """Take over what is known of the same bytes under the same name; False when they must be downloaded."""
    if not artifact.digest:
        return False
    known = Artifact.objects.filter(
        repository=entry.repository,
        sha256=artifact.digest,
        name=artifact.name,
        reader_version=READER_VERSION,
        state__in=(State.READ, State.PASSED_OVER, State.REJECTED),
    )
    if artifact.run.is_trend:
        # A pull request's paths were resolved in its own tree.
        known = known.filter(run__is_trend=True)
    twin = known.order_by("id").first()
    if twin is None:
        return False
    artifact.state = State.SAME if twin.state == State.READ else twin.state
    artifact.same_as = twin
    artifact.reason, artifact.sha256 = twin.reason, twin.sha256
    artifact.reader_version, artifact.read_at, artifact.counted = READER_VERSION, timezone.now(), False
    artifact.save()
    _count(entry, same=1)
    return True


def _read(entry: RepositoryCollection, client: GitHubClient, artifact: Artifact) -> None:
    limit = settings.ARTIFACT_MAX_MEGABYTES * 1024 * 1024
    assert entry.repository.github_id is not None
    with tempfile.TemporaryFile() as file:
        try:
            download = client.download(
                entry.repository.github_id,
                artifact.github_id,
                to=file,
                max_bytes=limit,
                expected_digest=artifact.digest or None,
            )
        except (Gone, NotFound):
            _leave(
                entry,
                artifact,
                State.EXPIRED,
                "It was deleted or expired before it was read: collect more often, or raise its retention-days.",
                expired=1,
            )
            return
        except TooLarge as error:
            _leave(entry, artifact, State.REJECTED, error.sentence, rejected=1)
            return
        except OF_THIS_ARTIFACT as error:
            _leave(entry, artifact, State.FAILED, error.sentence)
            return
        file.seek(0)
        try:
            # A zip is told by its first bytes; a single file brings its own name.
            reading = read_safely(file.fileno(), download.file_name or artifact.name)
        except SandboxError as error:
            _leave(entry, artifact, State.FAILED, str(error))
            return
    _store(entry, client, artifact, download, reading)


def _store(
    entry: RepositoryCollection, client: GitHubClient, artifact: Artifact, download: Download, reading: Reading
) -> None:
    _note_cost(artifact, reading.cost)
    _note_layers(entry)
    store_reading(artifact, reading, download.sha256, _resolver(entry.repository, client, artifact, reading))
    rejected = artifact.state == State.REJECTED
    if rejected or reading.warnings or any(read.error for read in reading.reports):
        _warn(entry, artifact, reading)
    # What pull requests bring is in no total, a night's among them.
    reports = [read for read in reading.reports if read.error is None and artifact.run.is_trend]
    _count(
        entry,
        artifacts=0 if rejected else 1,
        reports=len(reports),
        tests=sum(len(read.tests.cases) for read in reports if read.tests),
        rejected=int(rejected),
        bytes=download.size,
    )


def _note_cost(artifact: Artifact, cost: Cost | None) -> None:
    if cost is not None:
        artifact.cpu_ms, artifact.wall_ms = round(cost.cpu_seconds * 1000), round(cost.wall_seconds * 1000)
        artifact.peak_bytes, artifact.output_bytes = cost.peak_bytes, cost.output_bytes


def _note_layers(entry: RepositoryCollection) -> None:
    """Keep with the collection what its readers are locked down by: the page that says so cannot try it."""
    if not entry.collection.sandbox:
        entry.collection.sandbox = layers()
        entry.collection.save(update_fields=["sandbox"])


def _resolver(repository: Repository, client: GitHubClient, artifact: Artifact, reading: Reading) -> PathResolver:
    """The paths of the repository's tree; asked for only when there is a path to resolve."""
    if any(read.coverage is not None for read in reading.reports):
        return resolver_for(repository, client, artifact.run.head_sha)
    return PathResolver()


def _leave(entry: RepositoryCollection, artifact: Artifact, state: str, reason: str, **counts: int) -> None:
    """Write on an artifact why it was not read; nothing of it is stored."""
    artifact.state, artifact.reason = state, reason
    artifact.counted = state != State.REJECTED
    artifact.reader_version = READER_VERSION
    artifact.save()
    if state == State.REJECTED:
        _add_warning(entry, f"{artifact.name}: {reason}")
    _count(entry, **counts)


def _warn(entry: RepositoryCollection, artifact: Artifact, reading: Reading) -> None:
    sentences = (
        [reading.error]
        if reading.error
        else [f"{r.member}: {refusal(r.error)}" for r in reading.reports if r.error]
    )
    sentences += reading.warnings
    for sentence in sentences[:3]:
        _add_warning(entry, f"{artifact.name}: {sentence}")


def _add_warning(entry: RepositoryCollection, sentence: str) -> None:
    if len(entry.warnings) < MOST_WARNINGS:
        entry.warnings = [*entry.warnings, sentence[:1000]]
        entry.save(update_fields=["warnings"])


def _count(entry: RepositoryCollection, **counts: int) -> None:
    """Add to the entry's counts, in the database at once: the page shows them live."""
    changed = {name: number for name, number in counts.items() if number}
    for name, number in changed.items():
        setattr(entry, name, getattr(entry, name) + number)
    entry.pending = max(0, entry.pending - 1)
    updates = {name: F(name) + number for name, number in changed.items()}
    RepositoryCollection.objects.filter(pk=entry.pk).update(**updates, pending=entry.pending)
