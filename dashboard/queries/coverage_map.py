"""The map of a manifest: area is lines, shade is coverage, files stand in the folders that hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.treemap import Box, treemap
from dashboard.queries.files import CoveredFile, files_of
from dashboard.queries.folders import Branch, Folder, folders_of

TILES = 400
"""Files drawn one by one, the largest; the others of a folder share a tile."""
ASPECT = 1.9
"""Width by height of the drawing on a desk."""
HEIGHT = 660
"""Pixels of the drawing's height, as its style sheet has it, on every screen."""
HEAD = 24
"""Pixels that a folder's name takes: as high as a finger needs."""
HEADED = (9.0, 10.0)
"""Percent of the width and the height from which on a folder has room for its name."""
NAMED = (5.0, 5.5)
"""Percent of the whole from which on a tile has room for its name."""
WIDE = 18.0
"""Percent of the width from which on it has room on a phone too."""
STEPS = (50.0, 75.0, 90.0, 100.0)
"""Percents at which the shade changes."""


@dataclass(frozen=True, slots=True)
class Tile:
    """``path`` is "" for the tile that many small files share; ``box`` is in percent of its folder."""

    name: str
    path: str
    valid: int
    covered: int
    box: Box
    named: bool
    wide: bool

    @property
    def missed(self) -> int:
        return self.valid - self.covered

    @property
    def percent(self) -> float:
        return 100 * self.covered / self.valid

    @property
    def shade(self) -> int:
        """1, the least covered, to 5: nothing is missed."""
        return 1 + sum(self.percent >= step for step in STEPS)


@dataclass(frozen=True, slots=True)
class Region:
    """A folder on the map; ``headed``: there is room for its name."""

    name: str
    folder: Folder
    box: Box
    headed: bool
    tiles: tuple[Tile, ...]

    @property
    def head(self) -> float:
        """Percent of its height that its name takes."""
        return round(100 * HEAD / (HEIGHT * self.box.height / 100), 3) if self.headed else 0.0

    @property
    def below(self) -> float:
        return 100 - self.head


@dataclass(frozen=True, slots=True)
class CoverageMap:
    top: Folder
    regions: tuple[Region, ...]
    drawn: int


def map_of(repository_id: int, manifest_id: int | None, text: str = "", within: str = "") -> CoverageMap:
    """The map of the files below ``within`` whose path holds ``text``; two queries."""
    top = folders_of(repository_id, manifest_id, text, within)
    found = files_of(repository_id, manifest_id, text, order="lines", size=TILES, within=within).ask()
    files = [file for file in found.files if file.valid]
    heart = top
    while not heart.own and len(heart.inner) == 1:
        heart = heart.inner[0]
    folders = [folder for folder in heart.inner if folder.valid]
    own = Branch(heart.path, heart.own, heart.own, heart.valid, heart.covered)
    for folder in heart.inner:
        own.valid -= folder.valid
        own.covered -= folder.covered
    if own.valid:
        folders.append(own)
    regions = _regions(heart, folders, files)
    return CoverageMap(top.folder, regions, sum(bool(tile.path) for region in regions for tile in region.tiles))


def _regions(heart: Branch, folders: Sequence[Branch], files: Sequence[CoveredFile]) -> tuple[Region, ...]:
    inside: dict[str, list[CoveredFile]] = defaultdict(list)
    for file in files:
        below = file.path[len(heart.path) :]
        first, slash, _ = below.partition("/")
        inside[heart.path + first + slash if slash else heart.path].append(file)
    regions = []
    for folder, box in zip(folders, treemap([folder.valid for folder in folders], ASPECT), strict=True):
        name = folder.path[len(heart.path) :] or f"files of {heart.path or 'the root'}"
        headed = box.width >= HEADED[0] and box.height >= HEADED[1]
        regions.append(Region(name, folder.folder, box, headed, _tiles(folder, inside[folder.path], box)))
    return tuple(regions)


def _tiles(folder: Branch, files: Sequence[CoveredFile], place: Box) -> tuple[Tile, ...]:
    weighed = [(file.path[len(folder.path) :], file.path, file.valid or 0, file.covered) for file in files]
    valid = folder.valid - sum(entry[2] for entry in weighed)
    if valid > 0:
        covered = folder.covered - sum(entry[3] for entry in weighed)
        weighed.append((f"{folder.files - len(files)} small files", "", valid, covered))
    boxes = treemap([entry[2] for entry in weighed], ASPECT * place.width / place.height)
    tiles = []
    for entry, box in zip(weighed, boxes, strict=True):
        width, height = box.width * place.width / 100, box.height * place.height / 100
        tiles.append(Tile(*entry, box, width >= NAMED[0] and height >= NAMED[1], width >= WIDE))
    return tuple(tiles)
