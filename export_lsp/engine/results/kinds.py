"""The kinds of values that checks report: findings and their fixes, outcomes, shapes, costs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any

from export_lsp.engine.results.anchored import Kind, Move
from export_lsp.engine.results.file_costs import COSTS
from export_lsp.engine.results.file_values import VALUES
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Finding, Location, Outcome, Related
from export_lsp.wire import from_json

# A line of a traceback that names a place.
_TRACEBACK_LINE = re.compile(r'(File "(?P<file>[^"]+)", line )(?P<line>\d+)')


class _FindingKind(Kind[Finding]):
    """Findings: out of date without their own place; a related place may be lost.

    Remedies are left behind by a move: they serve the check that reported them.
    """

    name = "finding"

    def locations(self, value: Finding) -> Sequence[Location]:
        return value.location, *(related.location for related in value.related)

    def moved(self, value: Finding, move: Move) -> Finding | None:
        location = move.range(value.location)
        if location is None:
            return None
        related = [(move.range(each.location), each.message) for each in value.related]
        return replace(
            value,
            location=location,
            related=tuple(Related(place, message) for place, message in related if place),
            remedies=(),
        )

    def identity(self, value: Finding) -> Hashable:
        return value.rule, value.target, value.location, value.library

    def encoded(self, value: Finding) -> Any:
        return dataclasses.asdict(value)

    def decoded(self, data: Any) -> Finding:
        return from_json(Finding, data)

    def renumbered(self, value: Finding, line: Callable[[str, int], int | None]) -> Finding:
        """Renumber the lines of the traceback in the finding's detail."""

        def current(match: re.Match[str]) -> str:
            found = line(match["file"], int(match["line"]) - 1)
            return f"{match[1]}{found + 1}" if found is not None else match[0]

        return replace(value, detail=_TRACEBACK_LINE.sub(current, value.detail))


class _FixKind(Kind[Fix]):
    """Fixes: out of date as soon as one of their edits no longer fits."""

    name = "fix"

    def locations(self, value: Fix) -> Sequence[Location]:
        return [edit.location for edit in value.edits]

    def moved(self, value: Fix, move: Move) -> Fix | None:
        edits = []
        for edit in value.edits:
            location = move.edit(edit.location)
            if location is None:
                return None
            edits.append(replace(edit, location=location))
        return replace(value, edits=tuple(edits))

    def identity(self, value: Fix) -> Hashable:
        return value.edits

    def encoded(self, value: Fix) -> Any:
        return dataclasses.asdict(value)

    def decoded(self, data: Any) -> Fix:
        return from_json(Fix, data)


class _OutcomeKind(Kind[Outcome]):
    """Outcomes of targets: shown at their declarations."""

    name = "outcome"

    def locations(self, value: Outcome) -> Sequence[Location]:
        return (value.location,)

    def moved(self, value: Outcome, move: Move) -> Outcome | None:
        location = move.range(value.location)
        return replace(value, location=location) if location is not None else None

    def identity(self, value: Outcome) -> Hashable:
        return value.target

    def encoded(self, value: Outcome) -> Any:
        return dataclasses.asdict(value)

    def decoded(self, data: Any) -> Outcome:
        return from_json(Outcome, data)


FINDING: Kind[Finding] = _FindingKind()
FIX: Kind[Fix] = _FixKind()
OUTCOME: Kind[Outcome] = _OutcomeKind()

# The kinds of values that a run reports, and that recall remembers with what is offered for each.
REPORTED_KINDS: tuple[Kind[Any], ...] = (FINDING, OUTCOME, VALUES, COSTS)
