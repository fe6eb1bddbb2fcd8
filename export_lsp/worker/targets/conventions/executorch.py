"""ExecuTorch's ``EagerModelBase``, by duck typing.

A target is a class with the methods ``get_eager_model`` and ``get_example_inputs``, and optionally
``get_example_kwarg_inputs`` and ``get_dynamic_shapes``.

https://github.com/pytorch/executorch/blob/main/examples/models/model_base.py
"""

from __future__ import annotations

import ast
from types import ModuleType
from typing import Any

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.top_level import statements
from export_lsp.worker.data.target import Places, Target, nothing
from export_lsp.worker.user_code import syntax

MODEL, ARGS = "get_eager_model", "get_example_inputs"
KWARGS, DYNAMIC_SHAPES = "get_example_kwarg_inputs", "get_dynamic_shapes"


def declared_in(tree: ast.Module) -> bool:
    """Return whether a class of the file has both required methods."""
    return bool(_definitions(tree))


def targets(module: ModuleType, source: Source, tree: ast.Module) -> list[Target]:
    """Return a target for each such class, named after it."""
    return [
        _target(getattr(module, definition.name), definition, source)
        for definition in _definitions(tree)
        if isinstance(getattr(module, definition.name, None), type)
    ]


def _definitions(tree: ast.Module) -> list[ast.ClassDef]:
    return [
        statement
        for statement in statements(tree)
        if isinstance(statement, ast.ClassDef)
        and syntax.method(statement, MODEL)
        and syntax.method(statement, ARGS)
    ]


def _target(declared: type, definition: ast.ClassDef, source: Source) -> Target:
    declaration = source.location_of(syntax.name_of(definition, source.lines))
    instances: list[Any] = []

    def call(name: str) -> Any:
        """Call a method of the one instance, which the first call makes."""
        if not instances:
            instances.append(declared())
        return getattr(instances[0], name)()

    def location(name: str) -> Location:
        function = syntax.method(definition, name)
        value = syntax.returned_value(function) if function is not None else None
        return source.location_of(value) if value is not None else declaration

    return Target(
        name=definition.name,
        places=Places(
            declaration=declaration,
            model=location(MODEL),
            args=location(ARGS),
            kwargs=location(KWARGS),
            dynamic_shapes=location(DYNAMIC_SHAPES),
        ),
        model=lambda: call(MODEL),
        args=lambda: call(ARGS),
        kwargs=(lambda: call(KWARGS)) if hasattr(declared, KWARGS) else nothing,
        dynamic_shapes=(lambda: call(DYNAMIC_SHAPES))
        if hasattr(declared, DYNAMIC_SHAPES)
        else nothing,
    )
