"""The knowledge about a position besides its problems: the value there, or the cost of a class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from export_lsp.protocol import Location, Position, Value
from export_lsp.server.editor.documents import Document
from export_lsp.server.features import value_text
from export_lsp.server.joined import JoinedCosts
from export_lsp.server.view import View
from export_lsp.verdicts.costs import class_phrase

AS_OF = "As of the last save."


@dataclass(frozen=True)
class Known:
    """The text about a location."""

    location: Location
    text: str

    @property
    def markdown(self) -> str:
        """The text as Markdown."""
        return f"```text\n{self.text}\n```\n{AS_OF}"


def known_at(view: View, document: Document, position: Position) -> Known | None:
    """Return the knowledge about a position of a document, None if there is none."""
    costs = view.costs(document)
    value = _value_at(view.values(document), position)
    if value is not None:
        return known_of(value, costs)
    for location in (each.location for _, each in costs.classes):
        if location.start <= position <= location.end:
            return Known(location, _class_text(costs, location))
    return None


def known_of(value: Value, costs: JoinedCosts) -> Known:
    """Return the knowledge about a value."""
    return Known(value.location, value_text.plain(value, costs))


def _value_at(values: Iterable[Value], position: Position) -> Value | None:
    """Return the value with the narrowest range around a position."""
    around = [v for v in values if v.location.start <= position <= v.location.end]
    return min(around, key=lambda value: extent(value.location), default=None)


def extent(location: Location) -> tuple[int, int]:
    """Return the size of a range, to be compared with that of others."""
    lines = location.end.line - location.start.line
    return lines, location.end.character - location.start.character


def _class_text(costs: JoinedCosts, location: Location) -> str:
    """Return the cost of the class whose name is at a location, in a line for each target."""
    here = [(target, each) for target, each in costs.classes if each.location == location]
    lines = {target: f"{each.name}  {class_phrase(each)}" for target, each in here}
    if len(set(lines.values())) == 1:
        return next(iter(lines.values()))
    return "\n".join(f"{line}  in {target}" for target, line in lines.items())
