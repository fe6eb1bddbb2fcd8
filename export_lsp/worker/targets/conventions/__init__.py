"""The conventions by which a Python file declares targets, and the contract they keep.

A new convention is a module in this folder and a row in ``CONVENTIONS``.  If its names are new,
``protocol.TARGET_NAMES`` needs one of them, so that the server sends the file to a worker; a test
compares the two.
"""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Protocol

from export_lsp.source import Source
from export_lsp.worker.data.target import Target
from export_lsp.worker.targets.conventions import (
    executorch,
    export_targets,
    exportdb,
    kernelbench,
)


class Convention(Protocol):
    """A module that finds the targets of one convention."""

    # Names of which every file of this convention contains at least one.
    MARKERS: tuple[str, ...]

    def declared_in(self, tree: ast.Module) -> bool:
        """Return whether a file declares a target, from its syntax alone.

        Files for which no convention returns True are never imported: they may be scripts.
        """

    def targets(self, module: ModuleType, source: Source, tree: ast.Module) -> list[Target]:
        """Return the targets of an imported file that `declared_in` accepts.

        Args:
            module: The imported file.
            source: Its text, for the locations of the targets' parts.
            tree: Its syntax tree.

        Returns:
            The targets, none of them built: models and inputs are made when they are checked.  The
            list is empty if the import did not bind the names, as under a false condition.

        Raises:
            MalformedTargetError: the declaration does not have the form the convention asks for.
            BaseException: whatever the user's code raises, if it has to be called for the list.
        """


CONVENTIONS: tuple[Convention, ...] = (exportdb, export_targets, executorch, kernelbench)
