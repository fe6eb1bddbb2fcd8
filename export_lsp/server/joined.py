"""The values and costs that the traces of several targets have in one file, taken together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from export_lsp.engine.results.file_costs import FileCosts
from export_lsp.engine.results.file_values import FileValues
from export_lsp.protocol import ClassCost, Location, Operators, Value
from export_lsp.verdicts.operators import united

# No further type is added to a text of this length: the place is in the traces of many targets.
LONGEST = 200


def joined_values(found: Iterable[FileValues]) -> tuple[Value, ...]:
    """Return the values of each place once, in the order of their places."""
    by_place: dict[object, Value] = {}
    for each in found:
        for value in each.values:
            place = value.location, value.name
            known = by_place.get(place)
            by_place[place] = value if known is None else _joined(known, value)
    return tuple(sorted(by_place.values(), key=lambda value: value.location.start))


def _joined(one: Value, other: Value) -> Value:
    """Return the value of one place in the traces of two targets."""
    calls = max(one.calls, other.calls)
    if f"|{other.text}|" in f"|{one.text}|" or len(one.text) > LONGEST:
        return replace(one, calls=calls)
    return replace(one, text=f"{one.text}|{other.text}", calls=calls)


@dataclass(frozen=True)
class JoinedCosts:
    """The operators of the expressions in a file, and the costs of its classes by target."""

    operators: tuple[Operators, ...] = ()
    classes: tuple[tuple[str, ClassCost], ...] = ()


def joined_costs(found: Iterable[FileCosts]) -> JoinedCosts:
    """Return the operators of each expression once, and all costs of classes."""
    operators: dict[Location, Operators] = {}
    classes: list[tuple[str, ClassCost]] = []
    for each in found:
        for some in each.operators:
            known = operators.get(some.location)
            operators[some.location] = some if known is None else united(some.location, known, some)
        classes += ((each.target, cost) for cost in each.classes)
    return JoinedCosts(tuple(operators.values()), tuple(classes))
