"""exportdb's names, at module level.

They are ``model``, ``example_args``, ``example_kwargs`` and ``dynamic_shapes``.

https://pytorch.org/docs/stable/generated/exportdb/index.html
"""

from __future__ import annotations

import ast
from types import ModuleType

from export_lsp.source import Source
from export_lsp.worker.data.target import Places, Target, deferred, no_args
from export_lsp.worker.user_code import syntax

INPUTS = {"example_args", "example_kwargs"}


def declared_in(tree: ast.Module) -> bool:
    names = set(syntax.bindings(tree))
    return "model" in names and bool(names & INPUTS)


def targets(module: ModuleType, source: Source, tree: ast.Module) -> list[Target]:
    names = vars(module)
    if "model" not in names:
        return []  # bound under a condition that did not hold
    bound = syntax.bindings(tree)

    def place(name: str) -> ast.stmt | ast.expr:
        return syntax.value_of(bound.get(name)) or bound.get(name) or bound["model"]

    places = Places(
        declaration=source.location_of(place("model")),
        model=source.location_of(place("model")),
        args=source.location_of(place("example_args")),
        kwargs=source.location_of(place("example_kwargs")),
        dynamic_shapes=source.location_of(place("dynamic_shapes")),
    )
    return [
        Target(
            name="model",
            places=places,
            model=deferred(names["model"]),
            args=deferred(names["example_args"]) if "example_args" in names else no_args,
            kwargs=deferred(names.get("example_kwargs")),
            dynamic_shapes=deferred(names.get("dynamic_shapes")),
        )
    ]
