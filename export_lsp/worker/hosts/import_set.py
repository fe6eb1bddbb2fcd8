"""A set of imported modules, and what decides on the files that an import finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from export_lsp.protocol import Check
from export_lsp.worker.user_code.packages import search_path

# Fewer modules are imported faster than a library host for them is forked.
FEWEST_MODULES = 20


@dataclass(frozen=True)
class ImportSet:
    """Modules with their files, and the settings of the check that decide on these.

    `paths` are the entries of ``sys.path`` that the check adds; `modules` are in the order in which
    they were imported.
    """

    paths: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    device: str
    modules: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, check: Check, modules: Mapping[str, str]) -> ImportSet:
        return cls(
            tuple(search_path(check)),
            tuple(check.environment.items()),
            check.device,
            tuple(modules.items()),
        )

    def fits(self, check: Check) -> bool:
        """Return whether the modules are searched for in the same way in a check."""
        return ImportSet.of(check, dict(self.modules)) == self
