"""A look-alike of GitHub's REST interface on loopback: what the demo and the tests collect from.

1. ``things``   what an estate is made of: repositories, runs, artifacts; plain values.
2. ``estate``   all of them together, easy to build and to change.
3. ``shapes``   those values as the JSON objects that GitHub answers with; ``trees`` the same of files and folders,
   ``plain`` what is alike in all of them.
4. ``listing``  filters and pages of a list, as GitHub has them.
5. ``routes``   a request into an answer (``answers``): no sockets.
6. ``faults``   what may go wrong on purpose, and how often.
7. ``server``   the two loopback servers, for the API and for the artifacts' bytes.

Every answer is held against GitHub's published OpenAPI description in ``tests/lookalike``. No Django here.
"""

from __future__ import annotations
