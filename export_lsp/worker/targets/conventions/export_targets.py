"""``export_targets``: a dict from names to the parts of a target, or a function that returns it.

The parts are ``model``, ``args``, ``kwargs``, ``dynamic_shapes``, ``modes``, ``backends``
and ``preserve_module_call_signature``.  A part may be a callable, which is called when the target
is checked.
"""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

from export_lsp.protocol import BACKENDS, MODES, Location
from export_lsp.source import Source
from export_lsp.worker.data.target import Places, Target, deferred, no_args, nothing
from export_lsp.worker.user_code import syntax

NAME = "export_targets"

PRESERVED = "preserve_module_call_signature"
PARTS = {"model", "args", "kwargs", "dynamic_shapes", "modes", "backends", PRESERVED}


class MalformedTargetError(ValueError):
    """``export_targets`` or an entry of it has another form; the text says what is wrong."""


def declared_in(tree: ast.Module) -> bool:
    """Return whether the file binds ``export_targets`` at module level."""
    return NAME in syntax.bindings(tree)


def targets(module: ModuleType, source: Source, tree: ast.Module) -> list[Target]:
    """Return a target for each entry of the dict, named after its key.

    Raises:
        MalformedTargetError: it is not a dict of dicts with the parts' names.
        BaseException: whatever ``export_targets`` raises if it is a function.
    """
    if not hasattr(module, NAME):
        return []  # bound under a condition that did not hold
    declared = getattr(module, NAME)
    table = declared() if callable(declared) else declared
    if not isinstance(table, dict):
        raise MalformedTargetError(f"`{NAME}` has to be a dict of name → parts, not {_kind(table)}")
    statement = syntax.bindings(tree)[NAME]
    expression = syntax.value_of(statement)
    return [
        _target(str(name), _validated(str(name), parts), source, expression, statement)
        for name, parts in table.items()
    ]


def _validated(name: str, parts: Any) -> dict[str, Any]:
    """Return the parts of one entry.

    Raises:
        MalformedTargetError: they are not a dict of known parts with a model.
    """
    entry = f"`{NAME}[{name!r}]`"
    if not isinstance(parts, dict):
        raise MalformedTargetError(f"{entry} has to be a dict of parts, not {_kind(parts)}")
    if unknown := parts.keys() - PARTS:
        names = ", ".join(sorted(map(repr, unknown)))
        raise MalformedTargetError(f"{entry} has no part called {names}")
    if "model" not in parts:
        raise MalformedTargetError(f"{entry} has no 'model'")
    for part, choices in (("modes", MODES), ("backends", BACKENDS)):
        chosen = parts.get(part)
        if chosen is not None and not set(chosen) <= set(choices):
            raise MalformedTargetError(
                f"`{NAME}[{name!r}]['{part}']` may contain only {', '.join(choices)}"
            )
    return parts


def _target(
    name: str,
    parts: dict[str, Any],
    source: Source,
    table: ast.expr | None,
    statement: ast.stmt,
) -> Target:
    expression = syntax.entry(table, name)
    declaration = source.location_of(expression or table or statement)

    def location(part: str) -> Location:
        node = syntax.entry(expression, part)
        return source.location_of(node) if node is not None else declaration

    modes, backends = parts.get("modes"), parts.get("backends")
    return Target(
        name=name,
        places=Places(
            declaration=declaration,
            model=location("model"),
            args=location("args"),
            kwargs=location("kwargs"),
            dynamic_shapes=location("dynamic_shapes"),
            preserved=location(PRESERVED),
            backends=location("backends"),
        ),
        model=deferred(parts["model"]),
        args=deferred(parts["args"]) if "args" in parts else no_args,
        kwargs=deferred(parts["kwargs"]) if "kwargs" in parts else nothing,
        dynamic_shapes=deferred(parts["dynamic_shapes"]) if "dynamic_shapes" in parts else nothing,
        modes=tuple(modes) if modes is not None else None,
        preserved=deferred(parts.get(PRESERVED, ())),
        backends=tuple(backends) if backends is not None else None,
    )


def _kind(value: Any) -> str:
    return f"a value of type `{type(value).__name__}`"
