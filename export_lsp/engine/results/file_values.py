"""The kind of the values that a trace had in one file, such as the shapes of names."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from export_lsp.engine.results.anchored import Kind, Move
from export_lsp.protocol import Location, Position, Value
from export_lsp.wire import from_json


@dataclass(frozen=True)
class FileValues:
    """The values that the trace of a target had in one file, in the order of their places."""

    target: str
    file: str
    values: tuple[Value, ...]


class _FileValuesKind(Kind[FileValues]):
    """The values in a file: one is out of date as soon as its statement is edited."""

    name = "values"

    def locations(self, value: FileValues) -> Sequence[Location]:
        return [each.location for each in value.values]

    def moved(self, value: FileValues, move: Move) -> FileValues | None:
        found = (_moved_value(each, move) for each in value.values)
        values = tuple(each for each in found if each is not None)
        return replace(value, values=values) if values else None

    def identity(self, value: FileValues) -> Hashable:
        return value.target, value.file

    def encoded(self, value: FileValues) -> Any:
        return dataclasses.asdict(value)

    def decoded(self, data: Any) -> FileValues:
        return from_json(FileValues, data)


def _moved_value(value: Value, move: Move) -> Value | None:
    statement = move.range(value.statement)
    if statement is None:
        return None
    if statement == value.statement:
        return value
    moved = _Shift(value.statement.start, statement.start)
    location, file = value.location, value.location.file
    return replace(
        value,
        statement=statement,
        location=Location(file, moved.position(location.start), moved.position(location.end)),
        after=moved.position(value.after),
    )


@dataclass(frozen=True)
class _Shift:
    """The move of a text whose start was at `old` and is at `new`."""

    old: Position
    new: Position

    def position(self, position: Position) -> Position:
        """Return where a position in the text is now."""
        if position.line > self.old.line:
            return Position(position.line + self.new.line - self.old.line, position.character)
        return Position(self.new.line, position.character + self.new.character - self.old.character)


VALUES: Kind[FileValues] = _FileValuesKind()
