"""Find the guard, and with it the expression, that a violation is to be blamed on."""

from __future__ import annotations

import re
from collections.abc import Collection

from export_lsp.protocol import Location
from export_lsp.worker.places.symbol_origins import Guard, SymbolTracker
from export_lsp.worker.stages.guards.violated_sizes import ViolatedSizes

# Guards as torch keeps them: "Eq(Mod(s0, 4), 0)", "s0 <= 16", "Eq(s0, s1)".
MULTIPLE = re.compile(r"Mod\(")
BOUND = re.compile(r"^(?:-?\d+ (?:<|<=|>|>=) )?s\d+(?: (?:<|<=|>|>=) -?\d+)?$")
EQUAL = re.compile(r"^Eq\(s\d+, s\d+\)$")


def blamed_guard(
    violated: ViolatedSizes, symbols: SymbolTracker, taken: Collection[Location]
) -> Guard | None:
    """Return the guard to blame; None if the trace added none on these sizes.

    A guard of the form that the violation has comes before one on both sizes, and that before the
    first on any. `taken` are the locations of other violations, which need guards of their own.
    """
    first = symbols.guard_on(violated.sources)
    if violated.violation.kind == "range":
        form = MULTIPLE if "%" in (violated.violation.needs or "") else BOUND
        first_is_taken = first is not None and first.stack.innermost in taken
        if first_is_taken or form is MULTIPLE:
            sizes = _made_equal(symbols.guards, violated.sources)
            for guard in symbols.guards:
                if guard.sources & sizes and form.search(guard.expression):
                    return guard
    if len(violated.entries) > 1:
        names = [{entry.source, entry.flat_source} for entry in violated.entries]
        on_all = (g for g in symbols.guards if all(g.sources & each for each in names))
        return next(on_all, None) or symbols.guard_on(names[0]) or first
    return first


def _made_equal(guards: list[Guard], sources: frozenset[str]) -> frozenset[str]:
    """Return these sizes and all that guards make equal to them: of equal sizes torch keeps one."""
    equations = [guard.sources for guard in guards if EQUAL.match(guard.expression)]
    for _ in equations:
        sources = sources.union(*(equal for equal in equations if equal & sources))
    return sources
