"""`register-class`, `fake-kernel`: registrations that a class or an operator of the user lacks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeVar

from export_lsp.protocol import Remedy
from export_lsp.source import Source
from export_lsp.worker.user_code.workspace import Workspace

Definition = TypeVar("Definition", ast.ClassDef, ast.FunctionDef)


def definitions(
    kind: type[Definition], workspace: Workspace
) -> Iterator[tuple[Source, Definition]]:
    """Yield all definitions of a kind in the user's files, with the files."""
    for source in list(workspace.sources.values()):
        for node in source.nodes:
            if isinstance(node, kind):
                yield source, node


def register_class(name: str, workspace: Workspace) -> Iterator[Remedy]:
    """Register the class of that name as a pytree node."""
    for source, node in definitions(ast.ClassDef, workspace):
        if node.name == name:
            decorators = map(ast.unparse, node.decorator_list)
            is_dataclass = any("dataclass" in decorator for decorator in decorators)
            data = {"dataclass": "yes"} if is_dataclass else {}
            yield Remedy("register-class", source.location_of(node), name, data=data)


def add_fake_kernel(operator: str, workspace: Workspace) -> Iterator[Remedy]:
    """Add a fake kernel after the function that is the real kernel of an operator, "ns::name"."""
    names = {operator, operator.partition("::")[2]}
    for source, node in definitions(ast.FunctionDef, workspace):
        if any(names & _constants(decorator) for decorator in node.decorator_list):
            yield Remedy("fake-kernel", source.location_of(node), operator)


def _constants(expression: ast.expr) -> set[object]:
    return {node.value for node in ast.walk(expression) if isinstance(node, ast.Constant)}
