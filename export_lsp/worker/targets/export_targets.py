"""``export_targets``: a dict, or a function that returns one, of name → parts of a target.

The parts are ``model``, ``args``, ``kwargs``, ``dynamic_shapes``, ``modes`` and
``preserve_module_call_signature``; each may be a callable, which is called when the target is
checked.
"""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

from export_lsp.protocol import MODES
from export_lsp.source import Source
from export_lsp.worker.data.target import Places, Target, deferred, no_args, nothing
from export_lsp.worker.user_code import syntax

NAME = "export_targets"
PRESERVED = "preserve_module_call_signature"
PARTS = {"model", "args", "kwargs", "dynamic_shapes", "modes", PRESERVED}


class MalformedTargetError(ValueError):
    """An entry of ``export_targets`` that is no target; the text says what is wrong with it."""


def declared_in(tree: ast.Module) -> bool:
    return NAME in syntax.bindings(tree)


def targets(module: ModuleType, source: Source, tree: ast.Module) -> list[Target]:
    """
    Raises:
        MalformedTargetError: not a dict of dicts with the parts' names.
    """
    if not hasattr(module, NAME):
        return []  # bound under a condition that did not hold
    declared = getattr(module, NAME)
    table = declared() if callable(declared) else declared
    if not isinstance(table, dict):
        raise MalformedTargetError(f"`{NAME}` has to be a dict of name → parts, not {_kind(table)}")
    statement = syntax.bindings(tree)[NAME]
    value = syntax.value_of(statement)
    return [_target(str(name), parts, source, value, statement) for name, parts in table.items()]


def _target(
    name: str, parts: Any, source: Source, table: ast.expr | None, statement: ast.stmt
) -> Target:
    if not isinstance(parts, dict):
        raise MalformedTargetError(
            f"`{NAME}[{name!r}]` has to be a dict of parts, not {_kind(parts)}"
        )
    if unknown := parts.keys() - PARTS:
        names = ", ".join(sorted(map(repr, unknown)))
        raise MalformedTargetError(f"`{NAME}[{name!r}]` has no part called {names}")
    if "model" not in parts:
        raise MalformedTargetError(f"`{NAME}[{name!r}]` has no 'model'")
    modes = parts.get("modes")
    if modes is not None and not set(modes) <= set(MODES):
        raise MalformedTargetError(f"`{NAME}[{name!r}]['modes']` knows only {', '.join(MODES)}")
    expression = syntax.entry(table, name)
    declaration = source.location_of(expression or table or statement)

    def place(part: str) -> Any:
        node = syntax.entry(expression, part)
        return source.location_of(node) if node is not None else declaration

    return Target(
        name=name,
        places=Places(
            declaration,
            place("model"),
            place("args"),
            place("kwargs"),
            place("dynamic_shapes"),
            place(PRESERVED),
        ),
        model=deferred(parts["model"]),
        args=deferred(parts["args"]) if "args" in parts else no_args,
        kwargs=deferred(parts["kwargs"]) if "kwargs" in parts else nothing,
        dynamic_shapes=deferred(parts["dynamic_shapes"]) if "dynamic_shapes" in parts else nothing,
        modes=tuple(modes) if modes is not None else None,
        preserved=deferred(parts.get(PRESERVED, ())),
    )


def _kind(value: Any) -> str:
    return f"a value of type `{type(value).__name__}`"
