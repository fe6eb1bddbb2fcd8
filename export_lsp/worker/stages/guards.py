"""`guards`: dynamic_shapes promises what the code does not keep.

What raises it is ``produce_guards_and_solve_constraints`` and ``make_constraints`` of torch, after
the capture; the finding is at the expression that added the guard, dynamic_shapes is related.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from export_lsp.protocol import Finding, Related
from export_lsp.worker.failure import Failure, reason
from export_lsp.worker.names import Guard
from export_lsp.worker.shape_entry import ShapeEntry, in_user_names

if TYPE_CHECKING:
    from export_lsp.worker.declaration import Declaration

CONSTANT = re.compile(r"You marked (.+?) as dynamic but your code specialized it .*?\((\d+)\)")
RELATED = re.compile(
    r"The values of (?:\S+ = )?(L\[.+?\]) (?:must always be related to the values of|and)"
    r" (?:\S+ = )?(L\[.+?\]\.size\(\)\[\d+\]) (?:must always be equal|by (.+?))\.?$"
)
RANGE = re.compile(
    r"Not all values of (?:\S+ = )?(L\[.+?\]) in the specified range(?: .*?)? satisfy (.+)"
)
HINT_OF_ONE = re.compile(r"hint of 1 for dimension inputs(.*?)\.shape\[(\d+)\]")
SUGGESTED = re.compile(r"Suggested fixes:\n((?:  .+\n?)+)")


Say = Callable[[str], str]


@dataclass(frozen=True)
class Violation:
    """A violated dimension, or two that depend on each other.

    `sources` are torch's names of all sizes that share its Dims; `say` gives the message for the
    expression that is to blame.
    """

    entries: list[ShapeEntry]
    sources: frozenset[str]
    say: Say


def explain(failure: Failure, declaration: Declaration) -> list[Finding]:
    """A finding for every violated dimension; none if the failure is no constraint violation."""
    violations = list(_violations(failure.text, declaration.entries()))
    findings: list[Finding] = []
    seen: set[tuple[str, ...]] = set()
    for violation in violations:
        key = tuple(entry.source for entry in violation.entries)
        if key not in seen:
            seen.add(key)
            findings.append(_finding(failure, violation))
    return findings


def _finding(failure: Failure, violation: Violation) -> Finding:
    entries = violation.entries
    guard = failure.symbols.guard_on(violation.sources)
    declared = tuple(
        Related(entry.location, f"{entry.called} is declared dynamic here") for entry in entries
    )
    if guard is None and entries[0].size in (0, 1):
        return _example_of_one(failure, entries[0], declared)
    blamed = replace(failure, frames=guard.frames if guard is not None else [])
    message = violation.say(f"`{blamed.expression}`" if guard is not None else "The model")
    location = blamed.location if guard is not None else entries[0].location
    return blamed.finding(
        "constraint-violation",
        message + _suggestion(failure.text),
        location=location,
        related=declared,
        data=_data(guard),
    )


def _data(guard: Guard | None) -> dict[str, str]:
    return {"guard": guard.expression} if guard is not None else {}


def _example_of_one(failure: Failure, entry: ShapeEntry, declared: tuple[Related, ...]) -> Finding:
    return replace(failure, frames=[]).finding(
        "constraint-violation",
        f"The example has size {entry.size} in {entry.called}, and torch.export treats sizes 0"
        " and 1 as constants; use an example of size 2 or more",
        location=entry.example,
        related=declared,
    )


def _violations(text: str, entries: list[ShapeEntry]) -> list[Violation]:
    by_source = {entry.source: entry for entry in entries}
    by_name = {entry.name: entry for entry in entries if entry.name}
    found: list[Violation] = []

    def add(violated: list[ShapeEntry | None], say: Callable[[list[ShapeEntry]], Say]) -> None:
        known = [entry for entry in violated if entry is not None]
        if known:
            names = {entry.name for entry in known if entry.name}
            alike = [entry for entry in entries if entry in known or entry.name in names]
            sources = {name for entry in alike for name in (entry.source, entry.flat_source)}
            found.append(Violation(known, frozenset(sources), say(known)))

    for line in text.splitlines():
        if match := CONSTANT.search(line):
            entry = by_source.get(match[1]) or by_name.get(match[1])
            add([entry], functools.partial(_constant, match[2]))
        elif match := RELATED.search(line):
            pair = [by_source.get(match[1]), by_source.get(match[2])]
            add(pair, functools.partial(_relation, match[3]))
        elif match := RANGE.search(line):
            add([by_source.get(match[1])], functools.partial(_limit, match[2]))
        elif match := HINT_OF_ONE.search(line):
            entry = by_source.get(f"L{match[1]}.size()[{match[2]}]")
            add([entry], functools.partial(_constant, "1"))
    return found


def _constant(value: str, entries: list[ShapeEntry]) -> Say:
    return lambda expression: (
        f"{expression} works only if {entries[0].called} is {value}, the size in the example, but"
        " dynamic_shapes says that it may vary; make it static there or write this for any size"
    )


def _relation(relation: str | None, pair: list[ShapeEntry]) -> Say:
    names = " and ".join(entry.called for entry in pair)
    if relation is None:
        return lambda expression: (
            f"{expression} needs {names} to be equal, but dynamic_shapes lets them differ;"
            " use one Dim for both"
        )
    return lambda expression: (
        f"{expression} needs `{in_user_names(relation)}`, but dynamic_shapes lets {names} vary"
        " freely; derive one Dim from the other"
    )


def _limit(guard: str, entries: list[ShapeEntry]) -> Say:
    condition = in_user_names(guard.removeprefix("the generated guard ").rstrip("."))
    return lambda expression: (
        f"{expression} works only where `{condition}`, but dynamic_shapes allows more for"
        f" {entries[0].called}; narrow it there or write this for any size"
    )


def _suggestion(text: str) -> str:
    match = SUGGESTED.search(text)
    if match is None:
        return ""
    fixes = [line.strip() for line in match[1].splitlines() if line.strip()]
    return f" (torch suggests {', '.join(f'`{fix}`' for fix in fixes)})"


def fallback(failure: Failure, declaration: Declaration) -> Finding:
    """A violation whose text is not understood, at the declaration it speaks of."""
    return failure.finding(
        "constraint-violation",
        f"dynamic_shapes does not hold for this model: {reason(failure.error)}",
        location=None if failure.frames else declaration.target.places.dynamic_shapes,
    )
