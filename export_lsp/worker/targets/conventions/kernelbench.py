"""KernelBench's names: a class ``Model`` with ``get_init_inputs()`` and ``get_inputs()``.

https://github.com/ScalingIntelligence/KernelBench
"""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

from export_lsp.source import Source
from export_lsp.worker.data.target import Places, Target, nothing
from export_lsp.worker.user_code import syntax

MODEL, ARGS, INIT_ARGS = "Model", "get_inputs", "get_init_inputs"


def declared_in(tree: ast.Module) -> bool:
    """Return whether the file binds ``Model`` and ``get_inputs`` at module level."""
    return {MODEL, ARGS} <= syntax.bindings(tree).keys()


def targets(module: ModuleType, source: Source, tree: ast.Module) -> list[Target]:
    """Return the file's one target, "Model"."""
    bound = syntax.bindings(tree)
    names = vars(module)
    if not {MODEL, ARGS} <= names.keys():
        return []  # bound under a condition that did not hold
    definition = bound[MODEL]
    if isinstance(definition, ast.ClassDef):
        declaration = source.location_of(syntax.name_of(definition, source.lines))
    else:
        declaration = source.location_of(definition)
    args_expression = syntax.value_of(bound[ARGS]) or bound[ARGS]

    def model() -> Any:
        return names[MODEL](*names[INIT_ARGS]()) if INIT_ARGS in names else names[MODEL]()

    def args() -> Any:
        inputs = names[ARGS]()
        return tuple(inputs) if isinstance(inputs, list) else inputs

    return [
        Target(
            name=MODEL,
            places=Places(
                declaration=declaration,
                model=declaration,
                args=source.location_of(args_expression),
                kwargs=declaration,
                dynamic_shapes=declaration,
            ),
            model=model,
            args=args,
            kwargs=nothing,
            dynamic_shapes=nothing,
        )
    ]
