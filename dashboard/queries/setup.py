"""How far a new installation is: what its empty page asks for next."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from dashboard.models import Collection, Organization, Repository


@dataclass(frozen=True, slots=True)
class SetUp:
    """Which steps are done; ``untouched`` when nobody has entered anything yet."""

    credential: bool
    organizations: int
    repositories: int
    collected: bool

    @property
    def untouched(self) -> bool:
        return not self.organizations


def set_up() -> SetUp:
    """A few small queries; asked only where there is nothing else to show."""
    organizations = Organization.objects.all()
    return SetUp(
        credential=bool(settings.GITHUB_TOKEN or settings.GITHUB_APP_ID)
        or organizations.exclude(token_encrypted="").exists(),
        organizations=organizations.count(),
        repositories=Repository.objects.count(),
        collected=Collection.objects.exists(),
    )
