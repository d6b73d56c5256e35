"""Contents stored once: what is known is looked up, what is new is inserted, by whoever comes first.

Two workers may intern the same content at once: the insert ignores what the other has just added, and the second
look-up finds it. Each function returns ids by key and never changes a row that exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import connection

from collectors import arrays
from collectors.identity import FoldedCase
from collectors.rosters import MOST_BASES, new_roster
from dashboard.models import (
    CoverageManifest,
    LineMap,
    Repository,
    Results,
    Roster,
    SourceFile,
)
from dashboard.packing import (
    Lines,
    digest_of,
    duration_codes,
    duration_of,
    pack_durations,
    pack_lines,
    pack_outcomes,
    unpack_durations,
    unpack_outcomes,
)

BATCH = 2000


def intern_cases(repository: Repository, cases: Sequence[FoldedCase]) -> dict[bytes, int]:
    """Ids of test cases by identity."""
    wanted = {case.identity: case for case in cases}
    known = _case_ids(repository, wanted)
    new = [case for identity, case in wanted.items() if identity not in known]
    if new:
        known |= _added_cases(repository, new)
        if missing := wanted.keys() - known.keys():
            known |= _case_ids(repository, missing)  # another worker added them a moment ago
    return known


CASES = """
    insert into test_case (repository_id, identity, "group", suite, classname, name, file)
    select %(repository)s, n.* from unnest(%(identities)s::bytea[], %(groups)s::text[], %(suites)s::text[],
        %(classnames)s::text[], %(names)s::text[], %(files)s::text[]) as n
    on conflict do nothing returning identity, id
"""


def _added_cases(repository: Repository, new: Sequence[FoldedCase]) -> dict[bytes, int]:
    """One statement without a model's instance for each row: on a first night every test is new."""
    values: dict[str, int | str] = {
        "repository": repository.pk,
        "identities": arrays.digests(case.identity for case in new),
        "groups": arrays.texts(case.group for case in new),
        "suites": arrays.texts(case.suite for case in new),
        "classnames": arrays.texts(case.classname for case in new),
        "names": arrays.texts(case.name for case in new),
        "files": arrays.texts(case.file for case in new),
    }
    with connection.cursor() as cursor:
        cursor.execute(CASES, values)
        return {bytes(identity): pk for identity, pk in cursor.fetchall()}


def _case_ids(repository: Repository, identities: Iterable[bytes]) -> dict[bytes, int]:
    wanted = "select identity, id from test_case where repository_id = %s and identity = any(%s::bytea[])"
    with connection.cursor() as cursor:
        cursor.execute(wanted, [repository.pk, arrays.digests(identities)])
        return {bytes(identity): pk for identity, pk in cursor.fetchall()}


def intern_roster(
    repository: Repository, cases: Sequence[FoldedCase], durations: Iterable[float | None] = ()
) -> Roster:
    """The roster of a report's cases, which are sorted by identity; known as a whole on most nights.

    ``durations``, in seconds, say what a new one's tests usually take.
    """
    digest = digest_of(b"identities", *(case.identity for case in cases))
    known = Roster.objects.filter(repository=repository, digest=digest).select_related("base").first()
    if known is not None:
        return known
    ids = intern_cases(repository, cases)
    return _roster(repository, digest, [ids[case.identity] for case in cases], duration_codes(durations))


def intern_roster_of_ids(
    repository: Repository, case_ids: Sequence[int], durations: Iterable[float | None] = ()
) -> Roster:
    """The roster of cases that are stored already: several legs put together."""
    digest = digest_of(b"ids", *(case_id.to_bytes(8, "little") for case_id in case_ids))
    known = Roster.objects.filter(repository=repository, digest=digest).select_related("base").first()
    return known or _roster(repository, digest, case_ids, duration_codes(durations))


def _roster(repository: Repository, digest: bytes, case_ids: Sequence[int], codes: bytes) -> Roster:
    roster = new_roster(repository.pk, digest, case_ids, codes, _bases(repository))
    Roster.objects.bulk_create([roster], ignore_conflicts=True)
    return Roster.objects.select_related("base").get(repository=repository, digest=digest)


def _bases(repository: Repository) -> Iterator[Roster]:
    """The newest rosters that stand for themselves, read only as far as they are asked for."""
    whole = Roster.objects.filter(repository=repository, base=None).order_by("-pk")
    for pk in list(whole.values_list("pk", flat=True)[:MOST_BASES]):
        yield Roster.objects.get(pk=pk)


def store_results(
    roster: Roster, outcomes: Sequence[int], flaky: Sequence[bool], durations: Sequence[float | None]
) -> Results:
    """A row of results; the lists are parallel to the roster."""
    return Results.objects.create(
        repository_id=roster.repository_id,
        roster=roster,
        outcomes=pack_outcomes(outcomes, flaky),
        durations=pack_durations(duration_codes(durations), roster.usual),
    )


def unpacked(results: Results) -> tuple[list[int], list[int], list[bool], list[float | None]]:
    """(case ids, outcomes, flaky, durations in seconds) of a stored row, parallel lists."""
    outcomes, flaky = unpack_outcomes(results.outcomes)
    codes = unpack_durations(results.durations, results.roster.usual)
    return results.roster.case_ids, outcomes, flaky, list(map(duration_of, codes))


MESSAGES = """
    insert into failure_message (repository_id, fingerprint, message, details)
    select %(repository)s, n.*
    from unnest(%(fingerprints)s::bytea[], %(messages)s::text[], %(details)s::text[]) as n
    on conflict do nothing returning fingerprint, id
"""
KNOWN_MESSAGES = """
    select fingerprint, id from failure_message
    where repository_id = %(repository)s and fingerprint = any(%(fingerprints)s::bytea[])
"""


def intern_messages(repository: Repository, texts: Mapping[bytes, tuple[str, str]]) -> dict[bytes, int]:
    """Ids of failure texts by fingerprint; ``texts`` gives (message, details) for each."""

    def asked(sql: str, wanted: Sequence[bytes], **values: str) -> dict[bytes, int]:
        with connection.cursor() as cursor:
            fingerprints = arrays.digests(wanted)
            cursor.execute(sql, {"repository": repository.pk, "fingerprints": fingerprints, **values})
            return {bytes(fingerprint): pk for fingerprint, pk in cursor.fetchall()}

    known = asked(KNOWN_MESSAGES, list(texts))
    if new := [fingerprint for fingerprint in texts if fingerprint not in known]:
        messages = arrays.texts(texts[fingerprint][0] for fingerprint in new)
        details = arrays.texts(texts[fingerprint][1] for fingerprint in new)
        known |= asked(MESSAGES, new, messages=messages, details=details)
    if missing := [fingerprint for fingerprint in texts if fingerprint not in known]:
        known |= asked(KNOWN_MESSAGES, missing)  # another worker added them a moment ago
    return known


def intern_manifest(repository: Repository, files: Mapping[tuple[str, bool], Lines]) -> CoverageManifest:
    """The manifest of a set of files, keyed by (path, whether it was found in the repository's tree)."""
    ordered = sorted(files)
    packed = [pack_lines(files[key]) for key in ordered]
    digests = [digest_of(one) for one in packed]
    content = digest_of(
        *(b"\x01" if resolved else b"\x00" for _, resolved in ordered),
        *(path.encode() for path, _ in ordered),
        *digests,
    )
    known = CoverageManifest.objects.filter(repository=repository, digest=content).first()
    if known is not None:
        return known
    file_ids = _source_file_ids(repository, ordered)
    map_ids = _line_map_ids(
        repository, dict(zip(digests, zip(packed, (files[key] for key in ordered), strict=True), strict=True))
    )
    pairs = [(file_ids[path], map_ids[digest]) for (path, _), digest in zip(ordered, digests, strict=True)]
    manifest, _ = CoverageManifest.objects.get_or_create(
        repository=repository,
        digest=content,
        defaults={"file_ids": [pair[0] for pair in pairs], "line_map_ids": [pair[1] for pair in pairs]},
    )
    return manifest


def intern_manifest_of_ids(repository: Repository, pairs: Sequence[tuple[int, int]]) -> CoverageManifest:
    """The manifest of (file, line map) rows that are stored already, in this order."""
    content = digest_of(
        *(file_id.to_bytes(8, "little") + map_id.to_bytes(8, "little") for file_id, map_id in pairs)
    )
    manifest, _ = CoverageManifest.objects.get_or_create(
        repository=repository,
        digest=content,
        defaults={"file_ids": [pair[0] for pair in pairs], "line_map_ids": [pair[1] for pair in pairs]},
    )
    return manifest


def _source_file_ids(repository: Repository, keys: Sequence[tuple[str, bool]]) -> dict[str, int]:
    paths = [path for path, _ in keys]

    def stored() -> dict[str, int]:
        rows = SourceFile.objects.filter(repository=repository, path__in=paths).values_list("path", "id")
        return dict(rows)

    known = stored()
    new = [
        SourceFile(repository=repository, path=path, resolved=resolved)
        for path, resolved in keys
        if path not in known
    ]
    if new:
        SourceFile.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
        known = stored()
    # A path that an earlier report left in doubt may be certain now.
    SourceFile.objects.filter(
        repository=repository, resolved=False, path__in=[path for path, resolved in keys if resolved]
    ).update(resolved=True)
    return known


def _line_map_ids(repository: Repository, maps: Mapping[bytes, tuple[bytes, Lines]]) -> dict[bytes, int]:
    def stored() -> dict[bytes, int]:
        rows = LineMap.objects.filter(repository=repository, digest__in=list(maps)).values_list("digest", "id")
        return {bytes(digest): pk for digest, pk in rows}

    known = stored()
    new = [
        _line_map(repository, digest, packed, lines)
        for digest, (packed, lines) in maps.items()
        if digest not in known
    ]
    if new:
        LineMap.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
        known = stored()
    return known


def _line_map(repository: Repository, digest: bytes, packed: bytes, lines: Lines) -> LineMap:
    known_valid = not lines.executed_only
    return LineMap(
        repository=repository,
        digest=digest,
        packed=packed,
        valid=len(lines.hits) if known_valid else None,
        covered=lines.covered,
        partial=lines.partial if known_valid else None,
        branches_valid=sum(b.valid for b in lines.branches.values()) if known_valid else None,
        branches_covered=sum(b.covered for b in lines.branches.values()) if known_valid else None,
    )
