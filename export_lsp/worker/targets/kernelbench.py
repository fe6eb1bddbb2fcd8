"""KernelBench's convention: a class ``Model``, ``get_init_inputs()`` and ``get_inputs()``.

https://github.com/ScalingIntelligence/KernelBench
"""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

from export_lsp.source import Source
from export_lsp.worker.data.target import Places, Target, nothing
from export_lsp.worker.user_code import syntax

MODEL, ARGS, INIT = "Model", "get_inputs", "get_init_inputs"


def declared_in(tree: ast.Module) -> bool:
    return {MODEL, ARGS} <= syntax.bindings(tree).keys()


def targets(module: ModuleType, source: Source, tree: ast.Module) -> list[Target]:
    bound = syntax.bindings(tree)
    names = vars(module)
    if not {MODEL, ARGS} <= names.keys():
        return []  # bound under a condition that did not hold
    definition = bound[MODEL]
    if isinstance(definition, ast.ClassDef):
        declaration = source.location_of(syntax.name_of(definition, source.lines))
    else:
        declaration = source.location_of(definition)
    inputs = syntax.value_of(bound[ARGS]) or bound[ARGS]

    def model() -> Any:
        return names[MODEL](*names[INIT]()) if INIT in names else names[MODEL]()

    def args() -> Any:
        made = names[ARGS]()
        return tuple(made) if isinstance(made, list) else made

    return [
        Target(
            name=MODEL,
            places=Places(
                declaration, declaration, source.location_of(inputs), declaration, declaration
            ),
            model=model,
            args=args,
            kwargs=nothing,
            dynamic_shapes=nothing,
        )
    ]
