"""The kind of the operators and costs in one file."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from export_lsp.engine.results.anchored import Kind, Move
from export_lsp.protocol import ClassCost, Location, Operators
from export_lsp.wire import from_json


@dataclass(frozen=True)
class FileCosts:
    """The operators of the expressions in one file, and the costs of its classes, for a target."""

    target: str
    file: str
    operators: tuple[Operators, ...] = ()
    classes: tuple[ClassCost, ...] = ()


class _FileCostsKind(Kind[FileCosts]):
    """Operators and costs: out of date as soon as the expression or the name is edited."""

    name = "costs"

    def locations(self, value: FileCosts) -> Sequence[Location]:
        operators = [each.location for each in value.operators]
        return [*operators, *(each.location for each in value.classes)]

    def moved(self, value: FileCosts, move: Move) -> FileCosts | None:
        operators = tuple(
            replace(each, location=place)
            for each in value.operators
            if (place := move.range(each.location)) is not None
        )
        classes = tuple(
            replace(each, location=place)
            for each in value.classes
            if (place := move.range(each.location)) is not None
        )
        if not operators and not classes:
            return None
        return replace(value, operators=operators, classes=classes)

    def identity(self, value: FileCosts) -> Hashable:
        return value.target, value.file

    def encoded(self, value: FileCosts) -> Any:
        return dataclasses.asdict(value)

    def decoded(self, data: Any) -> FileCosts:
        return from_json(FileCosts, data)


COSTS: Kind[FileCosts] = _FileCostsKind()
