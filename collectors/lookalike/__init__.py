"""A look-alike of GitHub's REST interface on loopback: what the demo and the tests collect from.

1. ``estate``   what there is: organizations, repositories, runs, artifacts; plain values, easy to build.
2. ``shapes``   those values as the JSON objects that GitHub answers with.
3. ``listing``  filters and pages of a list, as GitHub has them.
4. ``routes``   a request into an answer: no sockets.
5. ``faults``   what may go wrong on purpose, and how often.
6. ``server``   the two loopback servers, for the API and for the artifacts' bytes.

Every answer is held against GitHub's published OpenAPI description in ``tests/lookalike``. No Django here.
"""

from __future__ import annotations
