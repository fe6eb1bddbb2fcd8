"""The use of fixes in a batch of checks."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.engine.fixing import Budget
from export_lsp.settings import Settings


@dataclass(frozen=True)
class FixOptions:
    """The use of fixes, by default none.

    Attributes:
        search: Look for fixes, to show them.
        unverified: Include fixes that could not be proved.
        combine: Combine the fixes of all files.
        write: Write the combined fixes.
    """

    search: bool = False
    unverified: bool = False
    combine: bool = False
    write: bool = False

    def budget(self, settings: Settings) -> Budget:
        """Return the limits of the search for fixes under these settings."""
        candidates = settings.fix_candidates if self.search or self.combine else 0
        return Budget(candidates, settings.fix_seconds, self.unverified)
