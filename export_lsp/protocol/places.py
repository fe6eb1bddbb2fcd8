"""Places in source files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Position:
    """A position in a text, both counted from 0; `character` counts Unicode code points."""

    line: int
    character: int

    def __post_init__(self) -> None:
        if self.line < 0 or self.character < 0:
            raise ValueError(f"there is no line {self.line}, character {self.character}")


@dataclass(frozen=True)
class Location:
    """A range in a file, its end exclusive; `file` is the absolute path that the run imported."""

    file: str
    start: Position
    end: Position

    @property
    def beginning(self) -> Location:
        """The empty range at its start."""
        return Location(self.file, self.start, self.start)


@dataclass(frozen=True)
class Related:
    """A further location of a finding, and a message that says what it has to do with it."""

    location: Location
    message: str


@dataclass(frozen=True)
class Replacement:
    """A location, and the text to write in its place."""

    location: Location
    text: str
