"""``[[tool.export-lsp.target]]`` in pyproject.toml: expressions evaluated in the file's module."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch.export

from export_lsp.protocol import DeclaredTarget
from export_lsp.worker.data.target import Places, Target, deferred, no_args, nothing


def targets(module: ModuleType, tables: tuple[DeclaredTarget, ...]) -> list[Target]:
    """Return a target for each table that names this file.

    Nothing is evaluated here: an expression that fails does so when its target is checked.
    """
    return [_target(module, table) for table in tables]


def _target(module: ModuleType, table: DeclaredTarget) -> Target:
    def part(expression: str | None, absent: Callable[[], Any]) -> Callable[[], Any]:
        if expression is None:
            return absent
        return lambda: deferred(eval(expression, _namespace(module)))()

    table_location = table.location
    return Target(
        name=table.name,
        places=Places(
            declaration=table_location,
            model=table_location,
            args=table_location,
            kwargs=table_location,
            dynamic_shapes=table_location,
        ),
        model=part(table.model, nothing),
        args=part(table.args, no_args),
        kwargs=part(table.kwargs, nothing),
        dynamic_shapes=part(table.dynamic_shapes, nothing),
        modes=table.modes,
        backends=table.backends,
    )


def _namespace(module: ModuleType) -> dict[str, Any]:
    """The module's names, with torch and Dim, which only the table may need."""
    return {"torch": torch, "Dim": torch.export.Dim, **vars(module)}
