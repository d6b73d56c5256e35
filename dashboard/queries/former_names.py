"""Where a repository that was renamed or moved is now."""

from __future__ import annotations

from dashboard.models import FormerName, Repository
from dashboard.visibility import Reader


def name_now(reader: Reader, owner: str, name: str) -> str | None:
    """The full name of the repository that was called so; None where the reader sees none.

    A repository that has the name now wins over those that had it.
    """
    visible = Repository.objects.visible_to(reader)
    if "\x00" in owner + name or visible.named(owner, name).exists():
        return None
    former = FormerName.objects.filter(full_name__iexact=f"{owner}/{name}", repository__in=visible)
    return former.values_list("repository__full_name", flat=True).first()
