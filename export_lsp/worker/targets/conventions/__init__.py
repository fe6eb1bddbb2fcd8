"""The conventions by which a Python file declares targets, and the contract they keep.

A new convention is a module in this folder, and a row in ``protocol.CONVENTIONS``.
"""

from __future__ import annotations

import ast
import importlib
from types import ModuleType
from typing import Protocol, cast

from export_lsp import protocol
from export_lsp.source import Source
from export_lsp.worker.data.target import Target


class Convention(Protocol):
    """A module that finds the targets of one convention."""

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


CONVENTIONS: tuple[Convention, ...] = tuple(
    cast(Convention, importlib.import_module(f"{__name__}.{name}")) for name in protocol.CONVENTIONS
)
