"""exportdb's names at module level.

They are ``model``, ``example_args``, ``example_kwargs`` and ``dynamic_shapes``.

https://pytorch.org/docs/stable/generated/exportdb/index.html
"""

from __future__ import annotations

import ast
from types import ModuleType

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.data.target import Places, Target, deferred, no_args
from export_lsp.worker.user_code import syntax

MODEL = "model"
ARGS, KWARGS, DYNAMIC_SHAPES = "example_args", "example_kwargs", "dynamic_shapes"


def declared_in(tree: ast.Module) -> bool:
    """Return whether the file binds ``model`` and example inputs at module level."""
    names = syntax.bindings(tree).keys()
    return MODEL in names and not names.isdisjoint((ARGS, KWARGS))


def targets(module: ModuleType, source: Source, tree: ast.Module) -> list[Target]:
    """Return the file's one target, "model"."""
    names = vars(module)
    if MODEL not in names:
        return []  # bound under a condition that did not hold
    bound = syntax.bindings(tree)

    def location(name: str) -> Location:
        return source.location_of(
            syntax.value_of(bound.get(name)) or bound.get(name) or bound[MODEL]
        )

    return [
        Target(
            name=MODEL,
            places=Places(
                declaration=location(MODEL),
                model=location(MODEL),
                args=location(ARGS),
                kwargs=location(KWARGS),
                dynamic_shapes=location(DYNAMIC_SHAPES),
            ),
            model=deferred(names[MODEL]),
            args=deferred(names[ARGS]) if ARGS in names else no_args,
            kwargs=deferred(names.get(KWARGS)),
            dynamic_shapes=deferred(names.get(DYNAMIC_SHAPES)),
        )
    ]
