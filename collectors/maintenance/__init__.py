"""What keeps the tables as small as what they are kept for; scheduled nightly, safe to kill and to run again.

    maintain() ─▶ partitions.begin_month()     the next month's partitions, on its first day
             ├──▶ retention.let_go()           old commits no longer point at their detail, a repository at a time
             ├──▶ partitions.drop_unused()     months that nothing points into go as a whole
             ├──▶ orphans.sweep()              what nothing points at any more, in batches, a repository at a time
             └──▶ _order_names()               new names go where search by name finds them at once

Each step looks at what is stored and not at what an earlier step remembers. Batches are short, a repository that is
being collected is left for the next night, and no lock is waited for longer than ``LOCK_WAIT``.
"""

from __future__ import annotations

from collectors.maintenance.nightly import maintain

__all__ = ["maintain"]
