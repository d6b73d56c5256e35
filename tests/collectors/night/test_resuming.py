"""``collect --since`` that was killed in its middle goes on where it stopped, and says how long it takes."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from collectors import collect, tasks
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository
from collectors.management.commands.collect import progress_lines, seconds_left
from dashboard.models import Collection, Repository, RepositoryCollection, Snapshot

from .conftest import Collect
from .test_collections import history

DAYS = 24


class Killed(BaseException):
    """Ends the process as a signal would: nothing catches it."""


def since_a_month(github: LookAlike) -> list[str]:
    return ["--inline", "--json", "--since", f"{github.estate.now - timedelta(days=30):%Y-%m-%d}"]


@pytest.fixture
def killed(
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    collect_now: Collect,
    monkeypatch: pytest.MonkeyPatch,
) -> LookAlike:
    """A collection that ended with the fifth commit of its past."""
    history(github, shop, DAYS)
    put_together, made = collect.put_together, list[str]()

    def fifth_kills(repository: Repository, sha: str) -> Snapshot | None:
        made.append(sha)
        if len(made) > 5:
            raise Killed
        return put_together(repository, sha)

    with monkeypatch.context() as patch:
        patch.setattr(collect, "put_together", fifth_kills)
        with pytest.raises(Killed):
            call_command("collect", *since_a_month(github), stdout=StringIO(), stderr=StringIO())
    assert Snapshot.objects.count() == 5
    return github


def test_nothing_is_asked_or_downloaded_twice(killed: LookAlike, capsys: pytest.CaptureFixture[str]) -> None:
    already = set(killed.downloads)
    killed.forget()
    out, err = StringIO(), StringIO()
    call_command("collect", *since_a_month(killed), stdout=out, stderr=err)
    assert Collection.objects.count() == 1
    assert Snapshot.objects.count() == DAYS + 1
    assert already and not already & set(killed.downloads)
    assert not killed.requests["runs"] and not killed.requests["repository"]
    assert json.loads(out.getvalue().splitlines()[-1])["collected"] == 1
    assert err.getvalue().startswith("Going on with the collection begun ")
    assert f"1 of 1 repositories, {DAYS + 1} of {DAYS + 1} artifacts" in capsys.readouterr().err


@pytest.mark.parametrize(("done", "left", "told"), [(0, 5, None), (10, 5, 30.0), (10, 0, 0.0)])
def test_the_rest_takes_as_long_as_the_pace_so_far_says(done: int, left: int, told: float | None) -> None:
    assert seconds_left(done, left, 60.0) == told


def test_what_was_put_off_is_not_waited_for(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    collection, entries, asked = tasks.prepare(Collection.Trigger.COMMAND)
    with progress_lines(collection, asked) as update:
        assert not update()
        RepositoryCollection.objects.filter(pk__in=entries).update(state=RepositoryCollection.State.PUT_OFF)
        assert update()
    assert capsys.readouterr().err.endswith("0 of 1 repositories, 0 of 0 artifacts, 1 put off\n")
