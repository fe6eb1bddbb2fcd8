"""What looking for fixes may cost, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Finding, RunEvent


@dataclass(frozen=True)
class Budget:
    """What fixes may cost: candidates tried for a finding, and seconds for all of a check's.

    `unverified` ones are offered in any case; it says whether they are part of the whole.
    """

    candidates: int
    seconds: float
    unverified: bool = False

    def admits(self, fix: Fix) -> bool:
        """Whether a fix may be part of the whole."""
        return self.unverified or fix.proof != "unverified"


@dataclass(frozen=True)
class Offered:
    """A fix for a finding; the likeliest comes first.  What was `Expected` for it is over."""

    finding: Finding
    fix: Fix


@dataclass(frozen=True)
class Expected:
    """What one mode alone has proved to be a fix for a finding, until the other has had its say;
    None if that has refuted it."""

    finding: Finding
    fix: Fix | None


@dataclass(frozen=True)
class OfferedWhole:
    """The fixes of all findings of a check as one; `fixed` is how many problems they are for."""

    fix: Fix
    fixed: int


Event = RunEvent | Expected | Offered | OfferedWhole
