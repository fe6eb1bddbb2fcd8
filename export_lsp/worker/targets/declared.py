"""``[[tool.export-lsp.target]]`` in pyproject.toml: expressions evaluated in the file's module."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from export_lsp.protocol import DeclaredTarget
from export_lsp.worker.data.target import Places, Target, deferred, no_args, nothing


def targets(module: ModuleType, declared: tuple[DeclaredTarget, ...]) -> list[Target]:
    return [_target(module, table) for table in declared]


def _names(module: ModuleType) -> dict[str, Any]:
    """The module's names; one that leaves its targets to pyproject.toml need not import Dim."""
    import torch.export

    return {"torch": torch, "Dim": torch.export.Dim, **vars(module)}


def _target(module: ModuleType, table: DeclaredTarget) -> Target:
    def part(expression: str | None, absent: Callable[[], Any]) -> Callable[[], Any]:
        if expression is None:
            return absent
        return lambda: deferred(eval(expression, _names(module)))()

    where = table.location
    return Target(
        name=table.name,
        places=Places(where, where, where, where, where),
        model=part(table.model, nothing),
        args=part(table.args, no_args),
        kwargs=part(table.kwargs, nothing),
        dynamic_shapes=part(table.dynamic_shapes, nothing),
        modes=table.modes,
    )
