"""Values that are about places in files, and those places in later versions of the files.

A run takes longer than a keystroke, and its results outlive many edits.  Every value that a run
reports is therefore kept as an `Anchored` value: together with the lines its places refer to.
Before it is shown, `Anchored.now` finds its places again in the current text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from export_lsp.protocol import Location, Position

T = TypeVar("T")

# The lines of a text with their ends, as `source.split_lines` returns them.
Lines = Sequence[str]
# A range of a text, its end exclusive.
Range = tuple[Position, Position]


class Remapping(Protocol):
    """Finds the ranges of one version of a file in another version.

    `LineRemapping` compares two versions line by line and serves unsaved edits; `TokenRemapping`
    requires equal tokens and serves files that differ in comments and whitespace only.
    """

    @property
    def lines(self) -> Lines:
        """The lines of the other version."""

    def range(self, start: Position, end: Position) -> Range | None:
        """Return where a range is in the other version, None if its text has changed or is gone."""

    def edit(self, start: Position, end: Position) -> Range | None:
        """Return where to apply an edit of a range, None if the text it was written for is gone."""


# Gives the remapping of a file from these lines to its current ones; None if they are the same.
Remappings = Callable[[str, Lines], Remapping | None]


@dataclass(frozen=True)
class Move:
    """Finds locations in the current texts of their files; `texts` has the lines they refer to."""

    texts: Mapping[str, Lines]
    remappings: Remappings

    def range(self, location: Location) -> Location | None:
        """Return where an expression is now, None if its text has changed or is gone."""
        remapping = self._remapping(location.file)
        if remapping is None:
            return location
        found = remapping.range(location.start, location.end)
        return Location(location.file, *found) if found is not None else None

    def edit(self, location: Location) -> Location | None:
        """Return where to apply an edit now, None if the text it was written for is gone."""
        remapping = self._remapping(location.file)
        if remapping is None:
            return location
        found = remapping.edit(location.start, location.end)
        return Location(location.file, *found) if found is not None else None

    def _remapping(self, file: str) -> Remapping | None:
        return self.remappings(file, self.texts[file])


class Kind(ABC, Generic[T]):
    """One kind of values: how they are placed, moved, superseded and encoded.

    A new kind of values, such as the shapes of expressions, is a subclass and needs no change of
    results or recall.
    """

    name: str

    @abstractmethod
    def locations(self, value: T) -> Sequence[Location]:
        """Return the places the value is about; the first is where the value itself is shown."""

    @abstractmethod
    def moved(self, value: T, move: Move) -> T | None:
        """Return the value with its places moved, None if it is out of date without them.

        A place that the value can do without may be left out.
        """

    @abstractmethod
    def identity(self, value: T) -> Hashable:
        """Return what a newer value must have in common with this one to supersede it."""

    @abstractmethod
    def encoded(self, value: T) -> Any:
        """Return the value as JSON data."""

    @abstractmethod
    def decoded(self, data: Any) -> T:
        """Return the value of some JSON data.

        Raises:
            TypeError, ValueError, KeyError, AttributeError: It is not a value of this kind.
        """

    def renumbered(self, value: T, line: Callable[[str, int], int | None]) -> T:
        """Return the value with the line numbers that its own text quotes brought up to date.

        `line` maps a file and a 0-based line to the current line, None where it is unknown.
        """
        return value


@dataclass(frozen=True)
class Anchored(Generic[T]):
    """A value, and the lines of each file it points into as they were when it was found."""

    kind: Kind[T]
    value: T
    texts: Mapping[str, Lines]

    @classmethod
    def reading(cls, kind: Kind[T], value: T, read: Callable[[str], Lines]) -> Anchored[T]:
        """Return the value with the lines that `read` gives for each of its files."""
        files = dict.fromkeys(location.file for location in kind.locations(value))
        return cls(kind, value, {file: read(file) for file in files})

    @property
    def locations(self) -> Sequence[Location]:
        """The places the value is about; the first is where the value itself is shown."""
        return self.kind.locations(self.value)

    def now(self, remappings: Remappings) -> Anchored[T] | None:
        """Return the value at its places in the current texts, None if it is out of date."""
        value = self.kind.moved(self.value, Move(self.texts, remappings))
        if value is None:
            return None
        texts = dict(self.texts)
        for file, lines in self.texts.items():
            if (remapping := remappings(file, lines)) is not None:
                texts[file] = remapping.lines
        return Anchored(self.kind, value, texts)
