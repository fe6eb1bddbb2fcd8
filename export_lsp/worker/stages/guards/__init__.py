"""`guards`: dynamic_shapes promises what the code does not keep.

What raises it is ``produce_guards_and_solve_constraints`` and ``make_constraints`` of torch, after
the capture; the finding is at the expression that added the guard, dynamic_shapes is related.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from export_lsp.protocol import Finding, Location, Related
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.places.symbol_origins import Guard
from export_lsp.worker.remedies import dynamic_shapes
from export_lsp.worker.stages.guards import ranges
from export_lsp.worker.stages.guards.violations import MULTIPLE, Violation, violations
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.sentences import shortened

if TYPE_CHECKING:
    from export_lsp.worker.targets.declaration import Declaration

# A guard as torch keeps it, of two sizes that are equal.
EQUAL = re.compile(r"^Eq\(s\d+, s\d+\)$")


def explain(failure: Failure, declaration: Declaration) -> list[Finding]:
    """A finding for every violated dimension; none if the failure is no constraint violation.

    What one expression needs of two dimensions says what it needs of each.
    """
    findings: list[Finding] = []
    related: set[Location] = set()
    seen: set[tuple[str, ...]] = set()
    told_of = violations(failure.text, declaration.shape_entries())
    for violation in sorted(told_of, key=lambda violation: -len(violation.entries)):
        key = tuple(entry.source for entry in violation.entries)
        finding = _finding(failure, violation, related, declaration)
        if key in seen or (len(key) == 1 and finding.location in related):
            continue
        seen.add(key)
        findings.append(finding)
        if len(key) > 1:
            related.add(finding.location)
    if not told_of:
        return []
    named = [entry for violation in told_of for entry in violation.entries]
    ones = [entry for entry in declaration.shape_entries() if entry not in named and _never(entry)]
    told = {finding.location for finding in findings}
    return _by_place(
        [
            *findings,
            *(_example_of_one(failure, entry) for entry in ones),
            *ranges.beyond(failure, declaration.shape_entries(), told),
        ]
    )


def _never(entry: ShapeEntry) -> bool:
    """Whether an entry can never hold: its example's size is one that export takes as constant.

    torch does not come to these when anything else is violated, and names one of them only.
    """
    dynamic = entry.name is not None or "DYNAMIC" in repr(entry.dim)
    return entry.axis is not None and entry.size in (0, 1) and dynamic


def _by_place(findings: list[Finding]) -> list[Finding]:
    """One finding for each place, which says all that is violated there."""
    places: dict[Location, Finding] = {}
    for finding in findings:
        first = places.get(finding.location)
        if first is not None and finding.message != first.message:
            finding = replace(
                first,
                message=f"{first.message}. Besides, {finding.message}",
                related=tuple(dict.fromkeys((*first.related, *finding.related))),
                remedies=(*first.remedies, *finding.remedies),
            )
        places[finding.location] = first if first == finding else finding
    return list(places.values())


def _guard(failure: Failure, violation: Violation, besides: set[Location]) -> Guard | None:
    """The guard to blame: one that looks as it should or is on all dimensions, before any other.

    What is told at the places `besides` already needs another guard.
    """
    guards = failure.symbols.guards
    pattern = violation.guard
    if pattern is not None:
        sources = _made_equal(guards, violation.sources)
        plain = failure.symbols.guard_on(violation.sources)
        told = plain is not None and plain.frames[-1].location in besides
        for guard in guards if told or pattern is MULTIPLE else ():
            if guard.sources & sources and pattern.search(guard.expression):
                return guard
    of_entries = [{entry.source, entry.flat_source} for entry in violation.entries]
    if len(of_entries) > 1:
        for guard in guards:
            if all(guard.sources & names for names in of_entries):
                return guard
        of_first = failure.symbols.guard_on(of_entries[0])
        if of_first is not None:
            return of_first
    return failure.symbols.guard_on(violation.sources)


def _finding(
    failure: Failure, violation: Violation, besides: set[Location], declaration: Declaration
) -> Finding:
    entries = violation.entries
    guard = _guard(failure, violation, besides)
    declared = _declared(entries)
    if guard is None and entries[0].size in (0, 1):
        return _example_of_one(failure, entries[0])
    blamed = replace(failure, frames=guard.frames if guard is not None else [])
    return blamed.finding(
        "constraint-violation",
        violation.say(f"`{shortened(blamed.expression)}`" if guard is not None else "The model"),
        location=blamed.location if guard is not None else entries[0].location,
        related=declared,
        data=_data(guard),
        remedies=dynamic_shapes.resolve_violation(
            entries,
            violation.alike,
            violation.fixes,
            declaration,
            constant=violation.constant,
        ),
    )


def _data(guard: Guard | None) -> dict[str, str]:
    return {"guard": guard.expression} if guard is not None else {}


def _made_equal(guards: list[Guard], sources: frozenset[str]) -> frozenset[str]:
    """These sizes and all that guards make equal to them: of equal sizes torch keeps one."""
    equations = [guard.sources for guard in guards if EQUAL.match(guard.expression)]
    for _ in equations:
        sources = sources.union(*(equal for equal in equations if equal & sources))
    return sources


def _declared(entries: list[ShapeEntry]) -> tuple[Related, ...]:
    return tuple(
        Related(entry.location, f"{entry.label} is declared dynamic here") for entry in entries
    )


def _example_of_one(failure: Failure, entry: ShapeEntry) -> Finding:
    return replace(failure, frames=[]).finding(
        "constraint-violation",
        f"The example has size {entry.size} in {entry.label}, and torch.export treats sizes 0"
        " and 1 as constants; use an example of size 2 or more",
        location=entry.example_location,
        related=_declared([entry]),
        remedies=dynamic_shapes.vary_constant_size(entry, failure.workspace),
    )


def fallback(failure: Failure, declaration: Declaration) -> Finding:
    """A violation whose text is not understood, at the declaration it speaks of."""
    return failure.finding(
        "constraint-violation",
        "dynamic_shapes does not hold for this model:"
        f" {torch_text.without_symbols(reason(failure.error))}",
        location=None if failure.frames else declaration.target.places.dynamic_shapes,
    )
