"""An estate of any size, made up: how repositories change from night to night, and its rows in bulk.

    churn ── a repository's nights, plain values ──▶ history ── the store layer's rows ──▶ copying ── COPY ──▶

``manage.py fill_estate`` is the door. What stands in the tables afterwards is what the store layer
(``collectors.ingest``, ``snapshots``, ``carrying``, ``rollup``) would have left: tests/collectors/test_filling.py
lets it store the same nights and compares every row.
"""
