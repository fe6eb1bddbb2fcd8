"""Comparisons of a size with a number that do not hold all over the range of its Dim.

torch solves the guards on a size joint_label and names one cause. Every comparison whose result
differs within the declared range is a violation as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from export_lsp.protocol import Finding, Location, Related
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.guards.violated_sizes import CONDITION, REWRITE
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.text.sentences import Words

NARROW = "Narrow that dimension"

# A guard as sympy writes it: the size's symbol, a relation, a number.
BOUND = re.compile(r"^[a-z]+\d+ (<=|<|>=|>) (\d+)$")


def outside_range(
    failure: Failure, entries: Sequence[ShapeEntry], reported: Collection[Location]
) -> Iterator[Finding]:
    """Yield a finding for each comparison of the user's that a Dim's range does not keep.

    Args:
        entries: all of dynamic_shapes.
        reported: locations with a finding; none is made there.
    """
    for guard in failure.symbols.guards:
        location = guard.stack.innermost
        entry = next((e for e in entries if e.name and guard.sources.intersection(e.sources)), None)
        blamed = replace(failure, stack=guard.stack)
        bound = BOUND.fullmatch(guard.expression)
        if entry is None or bound is None or location in reported or len(guard.sources) != 1:
            continue
        relation, number = bound[1], int(bound[2])
        if not _leaves_range(entry, relation, number):
            continue
        if not isinstance(blamed.node, ast.Compare):
            continue  # a comparison inside an operator: torch names what follows from it
        yield blamed.finding(
            "constraint-violation",
            Words(
                CONDITION,
                f"It takes the branch for sizes {relation} {number} in {entry.label}, but"
                " dynamic_shapes allows other values.",
                f"{NARROW}{REWRITE}.",
            ),
            library_advice=f"{NARROW}.",
            related=(declared_here(entry),),
            data={"guard": guard.expression},
        )


def _leaves_range(entry: ShapeEntry, relation: str, number: int) -> bool:
    """Return whether a Dim's range has sizes that do not satisfy ``size <relation> number``."""
    low, high = getattr(entry.dim, "min", None), getattr(entry.dim, "max", None)
    if low is None or high is None:
        return False
    return {
        "<=": high > number,
        "<": high >= number,
        ">=": low < number and number > 2,  # torch assumes of every size that it is not 0 or 1
        ">": low <= number and number > 1,
    }[relation]


def declared_here(entry: ShapeEntry) -> Related:
    """Return the related location that shows where a size is declared dynamic."""
    return Related(entry.location, f"{entry.label} is declared dynamic here")
