"""GitHub, as far as the collectors need it.

1. ``errors``    what can go wrong, each with a sentence for the user.
2. ``facts``     typed values of what GitHub answers: repositories, runs, artifacts.
3. ``sansio``    paths, headers, paging, and which answer is which error: no I/O.
4. ``etags``     what a list's ETag is for another token.
5. ``connection`` requests through PyGithub, counted, repeated where that helps.
6. ``download``  an artifact's bytes from the blob host, streamed, capped and checked.
7. ``client``    what the collectors ask, on top of these.

docs/github.md says which endpoints are used, what each costs, and which rights a token needs. No Django here.
"""

from __future__ import annotations
