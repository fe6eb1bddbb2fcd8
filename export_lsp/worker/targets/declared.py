"""``[[tool.export-lsp.target]]`` in pyproject.toml: expressions evaluated in the file's module."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
import torch.export

from export_lsp.protocol import DeclaredTarget
from export_lsp.worker.targets.target import Places, Target, late, no_args, nothing


def targets(module: ModuleType, declared: tuple[DeclaredTarget, ...]) -> list[Target]:
    return [_target(module, table) for table in declared]


def _target(module: ModuleType, table: DeclaredTarget) -> Target:
    def part(expression: str | None, absent: Callable[[], Any]) -> Callable[[], Any]:
        if expression is None:
            return absent
        # A file that leaves its targets to pyproject.toml need not import Dim for them.
        names = {"torch": torch, "Dim": torch.export.Dim, **vars(module)}
        return lambda: late(eval(expression, names))()

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
