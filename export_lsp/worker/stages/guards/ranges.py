"""Comparisons of a size with a number, against the range that its Dim is declared with.

torch solves all guards on a dimension together and names one cause; each comparison that does not
come out the same all over the declared range is a violation just as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from export_lsp.protocol import Finding, Location, Related
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.text.sentences import shortened

# A guard as sympy writes it: the size's symbol, a relation, a number.
BOUND = re.compile(r"^[a-z]+\d+ (<=|<|>=|>) (\d+)$")


def beyond(
    failure: Failure, entries: list[ShapeEntry], told: Collection[Location]
) -> Iterator[Finding]:
    """A finding for every comparison that the range of a named dimension goes beyond, at places
    that were not `told` of."""
    for guard in failure.symbols.guards:
        location = guard.frames[-1].location
        entry = next((e for e in entries if e.name and guard.sources.intersection(e.sources)), None)
        blamed = replace(failure, frames=guard.frames)
        bound = BOUND.fullmatch(guard.expression)
        if entry is None or bound is None or location in told or len(guard.sources) != 1:
            continue
        relation, number = bound[1], int(bound[2])
        if not _goes_beyond(entry, relation, number):
            continue
        if not isinstance(blamed.node, ast.Compare):
            continue  # an operator's own way: what comes of it is what torch names
        yield blamed.finding(
            "constraint-violation",
            f"`{shortened(blamed.expression)}` takes the way of sizes {relation} {number} in"
            f" {entry.label}, but dynamic_shapes allows other values; narrow that dimension, or"
            " rewrite the expression so that it holds for every size",
            related=(Related(entry.location, f"{entry.label} is declared dynamic here"),),
            data={"guard": guard.expression},
        )


def _goes_beyond(entry: ShapeEntry, relation: str, number: int) -> bool:
    """Whether a Dim's range has sizes for which a bound does not hold."""
    low, high = getattr(entry.dim, "min", None), getattr(entry.dim, "max", None)
    if low is None or high is None:
        return False
    return {
        "<=": high > number,
        "<": high >= number,
        ">=": low < number and number > 2,  # that a size is not 0 or 1 is assumed of each
        ">": low <= number and number > 1,
    }[relation]
