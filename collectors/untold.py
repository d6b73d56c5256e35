"""What the one question of a night leaves untold, asked for at its end: the tags of repositories new to it.

A repository that was never collected cannot be named in that question, since GitHub's id of it is not known yet,
and nothing but its tags could come of the answer: REST reads all else. Nor is one told of that is collected back to
a date. By the end of the night the ids are known, and one question for 25 repositories brings their tags.
"""

from __future__ import annotations

from collectors.clients import client_for
from collectors.github.errors import GitHubError
from collectors.sentinel import ask, batches, book
from collectors.tags import store_tags
from dashboard.credentials import CredentialUnreadableError
from dashboard.models import RepositoryCollection

State = RepositoryCollection.State


def tell_tags(collection_id: int) -> None:
    """Store the tags of what was collected and not told of. Trouble ends it: the next night tells them anyway."""
    untold = RepositoryCollection.objects.filter(collection=collection_id, state=State.COLLECTED, told={})
    entries = untold.exclude(repository__node_id="").select_related("repository__organization")
    by_id = {entry.pk: entry for entry in entries}
    for batch in batches(list(by_id)):
        asked = [by_id[entry_id] for entry_id in batch]
        try:
            with client_for(asked[0].repository.organization) as client:
                try:
                    pulses = ask(client, [entry.repository.node_id for entry in asked])
                finally:
                    book(asked[0], client)
        except (GitHubError, CredentialUnreadableError):
            return
        told = [(entry.repository, pulses.get(entry.repository.node_id)) for entry in asked]
        store_tags((repo.pk, pulse.tags) for repo, pulse in told if pulse and pulse.id == repo.github_id)
