"""`guards`: the code does not accept all sizes that dynamic_shapes allows.

After the capture torch solves the guards on sizes against dynamic_shapes. In
``torch/export/_trace.py`` that is ``_produce_guards_callback``, then ``_get_range_constraints``.
Findings are at the expressions that added the guards, with the entries of dynamic_shapes as related
locations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from export_lsp.protocol import Finding, Location
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.places.symbol_origins import Guard
from export_lsp.worker.remedies import dynamic_shapes
from export_lsp.worker.stages.guards.blamed_guard import blamed_guard
from export_lsp.worker.stages.guards.declared_ranges import declared_here, outside_range
from export_lsp.worker.stages.guards.violated_sizes import (
    ViolatedSizes,
    violated_sizes,
    words,
)
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.sentences import Words, sentence


def explain(failure: Failure, declaration: Declaration) -> list[Finding]:
    """Return a finding for each location of a violation.

    torch stops at some violations, so that two more kinds are looked for here: examples of a size
    that is constant to torch, and comparisons that do not hold all over a Dim's range.  Guards that
    may follow from a number of the example's in the trace are left out: without it they are gone.
    """
    entries = declaration.shape_entries()
    violated = violated_sizes(failure.text, entries)
    if not violated:
        return [_fallback(failure, declaration)]
    findings = list(_of_violations(failure, violated, declaration))
    named = [entry for each in violated for entry in each.entries]
    constants = [entry for entry in entries if entry not in named and _is_constant(entry)]
    reported = {finding.blamed for finding in findings}
    return _merged(
        [
            *findings,
            *(_constant_example(failure, entry) for entry in constants),
            *outside_range(failure, entries, reported),
        ]
    )


def _fallback(failure: Failure, declaration: Declaration) -> Finding:
    """Return the finding for a violation whose text is unknown, at dynamic_shapes if no code."""
    return failure.finding(
        "constraint-violation",
        Words(
            "Sizes that the model does not take",
            "dynamic_shapes does not hold for this model:"
            f" {sentence(torch_text.without_symbols(reason(failure.error)))}",
        ),
        location=None if failure.stack else declaration.target.places.dynamic_shapes,
    )


def _of_violations(
    failure: Failure, violated: list[ViolatedSizes], declaration: Declaration
) -> Iterator[Finding]:
    """Yield findings for violations of two sizes, then for those of one at other locations.

    A violation of two sizes covers those of each at the same location.
    """
    of_two: set[Location] = set()
    seen: set[tuple[str, ...]] = set()
    for each in sorted(violated, key=lambda violated: -len(violated.entries)):
        guard = blamed_guard(each, failure.symbols, of_two)
        if guard is not None and guard.assumed:
            continue
        finding = _of_violation(failure, each, guard, declaration)
        sources = tuple(entry.source for entry in each.entries)
        if sources in seen or (len(sources) == 1 and finding.blamed in of_two):
            continue
        seen.add(sources)
        if len(sources) > 1:
            of_two.add(finding.blamed)
        yield finding


def _of_violation(
    failure: Failure,
    violated: ViolatedSizes,
    guard: Guard | None,
    declaration: Declaration,
) -> Finding:
    first = violated.entries[0]
    if guard is None and first.size in (0, 1):
        return _constant_example(failure, first)
    blamed = replace(failure, stack=guard.stack if guard is not None else Stack())
    said = words(violated, "It" if guard is not None else "The model")
    return blamed.finding(
        "constraint-violation",
        Words(said.label, said.why, said.advice),
        library_advice=sentence(said.declare),
        location=None if blamed.stack.frames else first.location,
        related=tuple(map(declared_here, violated.entries)),
        data={"guard": guard.expression} if guard is not None else {},
        remedies=dynamic_shapes.resolve_violation(
            violated.alike,
            violated.fixes,
            declaration,
            constant=violated.violation.kind == "constant",
        ),
    )


def _is_constant(entry: ShapeEntry) -> bool:
    """Return whether an entry asks for a dynamic size where torch treats the example's as constant.

    torch does not get to these if anything else is violated, and names only one of them.
    """
    dynamic = entry.name is not None or "DYNAMIC" in repr(entry.dim)
    return entry.axis is not None and entry.size in (0, 1) and dynamic


def _constant_example(failure: Failure, entry: ShapeEntry) -> Finding:
    return replace(failure, stack=Stack()).finding(
        "constraint-violation",
        Words(
            f"Example of size {entry.size}",
            f"The example has size {entry.size} in {entry.label}, and torch.export treats sizes 0"
            " and 1 as constants.",
            "Use an example of size 2 or more.",
        ),
        location=entry.example_location,
        related=(declared_here(entry),),
        remedies=dynamic_shapes.vary_constant_size(entry, failure.workspace),
    )


def _merged(findings: list[Finding]) -> list[Finding]:
    """Return one finding for each location, which states all that is violated there."""
    merged: dict[Location, Finding] = {}
    for finding in findings:
        first = merged.setdefault(finding.blamed, finding)
        if finding.explanation != first.explanation:
            also = f"{finding.explanation[:1].lower()}{finding.explanation[1:]}"
            merged[finding.blamed] = replace(
                first,
                explanation=f"{first.explanation} Besides, {also}",
                related=tuple(dict.fromkeys((*first.related, *finding.related))),
                remedies=(*first.remedies, *finding.remedies),
            )
    return list(merged.values())
