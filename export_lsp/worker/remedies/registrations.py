"""`register-class`, `fake-kernel`: what a class or an operator of the user's should tell torch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeVar

from export_lsp.protocol import Remedy
from export_lsp.source import Source
from export_lsp.worker.user_code.workspace import Workspace

N = TypeVar("N", ast.ClassDef, ast.FunctionDef)


def definitions(kind: type[N], workspace: Workspace) -> Iterator[tuple[Source, N]]:
    """All definitions of a kind in the user's files."""
    for source in list(workspace.sources.values()):
        for node in source.nodes:
            if isinstance(node, kind):
                yield source, node


def register_class(name: str, workspace: Workspace) -> Iterator[Remedy]:
    """The class of an input or an output, by its name."""
    for source, node in definitions(ast.ClassDef, workspace):
        if node.name == name:
            decorators = map(ast.unparse, node.decorator_list)
            is_data = any("dataclass" in decorator for decorator in decorators)
            data = {"dataclass": "yes"} if is_data else {}
            yield Remedy("register-class", source.location_of(node), name, data=data)


def add_fake_kernel(operator: str, workspace: Workspace) -> Iterator[Remedy]:
    """The function of the real kernel of an operator, "ns::name"."""
    names = {operator, operator.partition("::")[2]}
    for source, node in definitions(ast.FunctionDef, workspace):
        if any(names & _strings(decorator) for decorator in node.decorator_list):
            yield Remedy("fake-kernel", source.location_of(node), operator)


def _strings(node: ast.expr) -> set[object]:
    """The strings that a call is given."""
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
