"""The events of a search for fixes, and its limits."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Finding, RunEvent


@dataclass(frozen=True)
class Budget:
    """The limits of a search for fixes.

    Attributes:
        candidates: How many candidates are tried for each finding; with 0 there is no search.
        seconds: How long the search may go on after the check has ended.
        unverified: True if unverified fixes may be part of the fix of all problems.  For their own
            findings they are offered in any case.  Fixes that narrow a model are never part of it.
    """

    candidates: int
    seconds: float
    unverified: bool = False

    def admits(self, fix: Fix) -> bool:
        """Return whether a fix may be part of the fix of all problems."""
        return fix.is_safe or (self.unverified and fix.proof == "unverified")


@dataclass(frozen=True)
class FixFound:
    """A fix for a finding.  The likeliest one comes first, and replaces an expected one."""

    finding: Finding
    fix: Fix


@dataclass(frozen=True)
class FixExpected:
    """A fix that non-strict mode has proved while strict mode goes on.

    With None strict mode has refuted it.
    """

    finding: Finding
    fix: Fix | None


@dataclass(frozen=True)
class NoFixFound:
    """The search for a fix of a finding has ended without one.

    `reason` says why, in words that follow "No fix found: ".
    """

    finding: Finding
    reason: str


@dataclass(frozen=True)
class FixAllFound:
    """A fix for as many problems of a check as possible; `fixed` is how many these are."""

    fix: Fix
    fixed: int


FixEvent = FixExpected | FixFound | NoFixFound | FixAllFound
Event = RunEvent | FixEvent
