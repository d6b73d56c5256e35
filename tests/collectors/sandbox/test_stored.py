"""What a reading cost, and what its readers were locked down by, is kept where the pages find it."""

from __future__ import annotations

from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, zip_of
from collectors.sandbox.lockdown import LAYERS
from dashboard.models import Artifact, Collection, Repository
from tests.collectors.night.conftest import *  # noqa: F403
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import junit


def test_a_collection_keeps_costs_and_layers(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "results", zip_of({"junit.xml": junit(adds="P")}))
    collect_now()
    artifact = Artifact.objects.get()
    assert artifact.cpu_ms is not None and 0 < artifact.cpu_ms < 5_000
    assert artifact.wall_ms is not None and 0 < artifact.wall_ms < 20_000
    assert artifact.peak_bytes is not None and 5_000_000 < artifact.peak_bytes < 512 * 1024 * 1024
    assert artifact.output_bytes is not None and artifact.output_bytes > 20
    kept = Collection.objects.get().sandbox
    assert [name for name, _, _ in kept] == [layer.name for layer in LAYERS]
    assert all(isinstance(held, bool) and sentence.endswith(".") for _, held, sentence in kept)
