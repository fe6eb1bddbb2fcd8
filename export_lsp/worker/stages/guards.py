"""`guards`: dynamic_shapes promises what the code does not keep.

What raises it is ``produce_guards_and_solve_constraints`` and ``make_constraints`` of torch, after
the capture; the finding is at the expression that added the guard, dynamic_shapes is related.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from export_lsp.protocol import Finding, Location, Related
from export_lsp.worker import torch_text
from export_lsp.worker.failure import Failure, reason
from export_lsp.worker.names import Guard
from export_lsp.worker.shape_entry import ShapeEntry, together
from export_lsp.worker.stages import ranges
from export_lsp.worker.stages.capture.sentences import shortened
from export_lsp.worker.torch_text import in_user_names

if TYPE_CHECKING:
    from export_lsp.worker.declaration import Declaration

# The second in torch 2.6.
CONSTANT = re.compile(
    r"(?:You marked (.+?) as dynamic but your code specialized it"
    r"|Not all values of .* are valid because (\S+) was inferred to be)"
    r" .*?\((\d+)\)"
)
RELATED = re.compile(
    r"The values of (?:\S+ = )?(L\[.+?\]) (?:must always be related to the values of|and)"
    r" (?:\S+ = )?(L\[.+?\.size\(\)\[\d+\]) (?:must always be equal|by (.+?))\.?$"
)
RANGE = re.compile(
    r"Not all values of (?:\S+ = )?(L\[.+?\]) in the specified range(?: .*?)? satisfy (.+)"
)
HINT_OF_ONE = re.compile(r"hint of 1 for dimension inputs(.*?)\.shape\[(\d+)\]")
SUGGESTED = re.compile(r"Suggested fixes:\n((?:  .+\n?)+)")
BOUNDS = re.compile(r"^(\d+) <= (\S+) and \2 <= (\d+)$")
# Guards as torch keeps them, by what they say: "Eq(Mod(s0, 4), 0)" and "s0 <= 16".
MULTIPLE = re.compile(r"Mod\(")
BOUND = re.compile(r"^(?:-?\d+ (?:<|<=|>|>=) )?s\d+(?: (?:<|<=|>|>=) -?\d+)?$")
EQUAL = re.compile(r"^Eq\(s\d+, s\d+\)$")
# Only strict mode writes the bound that every size has.
ANY_MIN = re.compile(r"min=[01], |, min=[01]\b")

Say = Callable[[str], str]


@dataclass(frozen=True)
class Violated:
    """The dimensions of a violation, all that share a Dim with them, and torch's fixes for them."""

    entries: list[ShapeEntry]
    alike: list[ShapeEntry]
    fixes: list[str]


@dataclass(frozen=True)
class Violation:
    """A violated dimension, or two that depend on each other.

    `sources` are torch's names of all sizes that share its Dims; `say` gives the message for the
    expression that is to blame, whose guard looks like `guard` where there is one that does.
    """

    entries: list[ShapeEntry]
    sources: frozenset[str]
    say: Say
    guard: re.Pattern[str] | None = None


def explain(failure: Failure, declaration: Declaration) -> list[Finding]:
    """A finding for every violated dimension; none if the failure is no constraint violation.

    What one expression needs of two dimensions says what it needs of each.
    """
    findings: list[Finding] = []
    related: set[Location] = set()
    seen: set[tuple[str, ...]] = set()
    violations = _violations(failure.text, declaration.entries())
    for violation in sorted(violations, key=lambda violation: -len(violation.entries)):
        key = tuple(entry.source for entry in violation.entries)
        finding = _finding(failure, violation, related)
        if key in seen or (len(key) == 1 and finding.location in related):
            continue
        seen.add(key)
        findings.append(finding)
        if len(key) > 1:
            related.add(finding.location)
    if not violations:
        return []
    named = [entry for violation in violations for entry in violation.entries]
    ones = [entry for entry in declaration.entries() if entry not in named and _never(entry)]
    told = {finding.location for finding in findings}
    return _by_place(
        [
            *findings,
            *(_example_of_one(failure, entry) for entry in ones),
            *ranges.beyond(failure, declaration.entries(), told),
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


def _finding(failure: Failure, violation: Violation, besides: set[Location]) -> Finding:
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
        Related(entry.location, f"{entry.called} is declared dynamic here") for entry in entries
    )


def _example_of_one(failure: Failure, entry: ShapeEntry) -> Finding:
    return replace(failure, frames=[]).finding(
        "constraint-violation",
        f"The example has size {entry.size} in {entry.called}, and torch.export treats sizes 0"
        " and 1 as constants; use an example of size 2 or more",
        location=entry.example,
        related=_declared([entry]),
    )


def _violations(text: str, entries: list[ShapeEntry]) -> list[Violation]:
    for each in entries:
        text = text.replace(each.nested_source, each.source)
    by_source = {entry.source: entry for entry in entries}
    by_name = {entry.name: entry for entry in entries if entry.name}
    suggested = _suggested(text)
    found: list[Violation] = []

    def add(
        violated: list[ShapeEntry | None],
        say: Callable[[Violated], Say],
        guard: re.Pattern[str] | None = None,
    ) -> None:
        known = [entry for entry in violated if entry is not None]
        if known:
            names = {entry.name for entry in known if entry.name}
            alike = [entry for entry in entries if entry in known or entry.name in names]
            sources = {name for entry in alike for name in entry.sources}
            about = Violated(
                known, alike, [fix for name in sorted(names) for fix in suggested(name)]
            )
            found.append(Violation(known, frozenset(sources), say(about), guard))

    for line in text.splitlines():
        if match := CONSTANT.search(line):
            name = match[1] or match[2]
            entry = by_source.get(name) or by_name.get(name)
            add([entry], functools.partial(_constant, match[3]))
        elif match := RELATED.search(line):
            pair = [by_source.get(match[1]), by_source.get(match[2])]
            add(pair, functools.partial(_relation, match[3]))
        elif match := RANGE.search(line):
            add(
                [by_source.get(match[1])],
                functools.partial(_limit, match[2]),
                MULTIPLE if "%" in match[2] else BOUND,
            )
        elif match := HINT_OF_ONE.search(line):
            entry = by_source.get(f"L{match[1]}.size()[{match[2]}]")
            add([entry], functools.partial(_constant, "1"))
    return found


def _constant(value: str, violated: Violated) -> Say:
    return lambda expression: (
        f"{expression} works only if {together(violated.alike)} is {value}, the size in the"
        " example, but dynamic_shapes says that it may vary; make that dimension static"
        f"{_in_shapes(violated.fixes)}, or rewrite the expression so that it holds for every size"
    )


def _relation(relation: str | None, violated: Violated) -> Say:
    names = " and ".join(entry.called for entry in violated.entries)
    if relation is None:
        return lambda expression: (
            f"{expression} needs {names} to be equal, but dynamic_shapes lets them differ;"
            f" use one Dim for both{_in_shapes(violated.fixes)}"
        )
    return lambda expression: (
        f"{expression} needs `{in_user_names(relation)}`, but dynamic_shapes lets {names} vary"
        f" freely; derive one Dim from the other{_in_shapes(violated.fixes)}"
    )


def _limit(guard: str, violated: Violated) -> Say:
    condition = _condition(guard.removeprefix("the generated guard ").rstrip("."))
    allowed = f"but dynamic_shapes allows other values for {together(violated.alike)}"
    if violated.fixes:
        return lambda expression: (
            f"{expression} works only for {_quoted(violated.fixes)}, {allowed}; declare it so, or"
            " rewrite the expression so that it holds for every size"
        )
    if "==" in condition:
        return lambda expression: (
            f"{expression} works only if `{condition}` (the example's value), {allowed}; make that"
            " dimension static or use tensor operations"
        )
    return lambda expression: (
        f"{expression} works only where `{condition}`, {allowed}; narrow that dimension, or"
        " rewrite the expression so that it holds for every size"
    )


def _condition(guard: str) -> str:
    """A guard in the user's names, without superfluous parentheses, its bounds in one piece."""
    text = in_user_names(guard)
    try:
        text = ast.unparse(ast.parse(text, mode="eval"))
    except SyntaxError:
        return text
    return BOUNDS.sub(r"\1 <= \2 <= \3", text)


def _suggested(text: str) -> Callable[[str], list[str]]:
    """torch's own fixes by the Dim's name, each with the Dims that it is derived from."""
    match = SUGGESTED.search(text)
    fixes: dict[str, str] = {}
    for line in match[1].splitlines() if match else ():
        name, _, value = line.strip().partition(" = ")
        fixes[name] = f"{name} = {ANY_MIN.sub('', value)}"

    def about(name: str) -> list[str]:
        if name not in fixes:
            return []
        words = re.findall(r"\w+", fixes[name].partition(" = ")[2].partition("Dim(")[0])
        return [*(fixes[word] for word in words if word in fixes), fixes[name]]

    return about


def _in_shapes(fixes: list[str]) -> str:
    return f" (in dynamic_shapes, {_quoted(fixes)})" if fixes else ""


def _quoted(fixes: list[str]) -> str:
    return " and ".join(f"`{fix}`" for fix in dict.fromkeys(fixes))


def fallback(failure: Failure, declaration: Declaration) -> Finding:
    """A violation whose text is not understood, at the declaration it speaks of."""
    return failure.finding(
        "constraint-violation",
        "dynamic_shapes does not hold for this model:"
        f" {torch_text.without_symbols(reason(failure.error))}",
        location=None if failure.frames else declaration.target.places.dynamic_shapes,
    )
