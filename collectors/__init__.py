"""The write side: a report's road from GitHub into the database.

1. ``tasks``    Celery doors: ids in, one service called, nothing out.
2. ``collect``  asks GitHub what ran since last time, through ``github``.
3. ``github``   requests, paging, limits, conditional listing, streaming download.
4. ``reading``  opens the artifact's bytes: zip, members, sniffing; ``parsers`` turn bytes into values.
5. ``ingest``   values into rows: one transaction per artifact, safe to run twice.
6. ``rollup``   what changed, and only that: the commit's snapshot, the repository's figures, the day rows.
"""
