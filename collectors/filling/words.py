"""What made-up tests, files and repositories are called: enough words that names differ as real ones do."""

from __future__ import annotations

from random import Random

THINGS = (
    "account address adapter archive asset batch billing bucket budget cache calendar cart catalog channel "
    "checkout claim cluster comment config consent contact coupon cursor customer dashboard deadline delivery "
    "device digest discount document endpoint event export feature fixture gateway header image index "
    "inventory invoice job journal label layout ledger license listing locale manifest message metric "
    "migration module mutex notice offer order packet page parser partition payment permission pipeline "
    "plugin policy pool price product profile promotion proxy query queue quota receipt record redirect "
    "refund region registry release render report request resolver retry route rule sample schedule schema "
    "search segment session shipment signal snapshot socket stock storage stream subscription summary survey "
    "table tax template tenant thread ticket timer token topic trace transfer upload user vendor version "
    "voucher wallet webhook widget window worker workspace zone"
).split()
DEEDS = (
    "accepts adds allows appends applies archives blocks builds caches cancels checks closes collects "
    "compares converts copies counts creates decodes delays deletes denies drops encodes escapes expires "
    "fetches filters finds flushes folds formats hides ignores imports joins keeps limits links loads locks "
    "logs maps marks masks merges moves names normalises notifies opens orders parses pauses picks prints "
    "prunes publishes raises reads rebuilds rejects reloads removes renames repeats replaces reports resets "
    "resolves restores resumes returns rounds saves sends shows signs skips sorts splits starts stops stores "
    "strips sums survives swaps tells trims updates validates waits warns wraps writes"
).split()
CONDITIONS = (
    "after_restart at_midnight before_start by_default for_guests for_owners from_cache if_empty if_missing "
    "in_bulk in_order in_parallel on_timeout once only_once over_http past_limit twice under_load "
    "unless_forced when_archived when_closed when_disabled when_empty when_expired when_full when_locked "
    "when_missing when_offline when_paused when_private when_read_only when_renamed when_unknown "
    "with_defaults with_duplicates with_unicode without_network without_rights without_token"
).split()


def test_name(random: Random, number: int) -> str:
    """The name of a test; ``number`` makes it the only one of its repository."""
    return f"test_{random.choice(THINGS)}_{random.choice(DEEDS)}_{random.choice(CONDITIONS)}_{number}"


def file_path(random: Random, number: int) -> str:
    """The path of a source file, in a tree two folders deep."""
    return f"src/{random.choice(THINGS)}/{random.choice(THINGS)}/{random.choice(THINGS)}_{number}.py"


def repository_name(random: Random, number: int) -> str:
    return f"{random.choice(THINGS)}-{random.choice(THINGS)}-{number}"
