"""`register-class`, `fake-kernel`: what a class or an operator of the user's should tell torch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.protocol import Remedy
from export_lsp.worker.workspace import Workspace


def registered(name: str, workspace: Workspace) -> Iterator[Remedy]:
    """The class of an input or an output, by its name."""
    for source in list(workspace.sources.values()):
        for node in source.nodes:
            if isinstance(node, ast.ClassDef) and node.name == name:
                decorators = map(ast.unparse, node.decorator_list)
                is_data = any("dataclass" in decorator for decorator in decorators)
                data = {"dataclass": "yes"} if is_data else {}
                yield Remedy("register-class", source.node(node), name, data=data)


def fake_kernel(operator: str, workspace: Workspace) -> Iterator[Remedy]:
    """The function of the real kernel of an operator, "ns::name"."""
    names = {operator, operator.partition("::")[2]}
    for source in list(workspace.sources.values()):
        for node in source.nodes:
            if isinstance(node, ast.FunctionDef) and any(
                names & _strings(decorator) for decorator in node.decorator_list
            ):
                yield Remedy("fake-kernel", source.node(node), operator)


def _strings(node: ast.expr) -> set[object]:
    """The strings that a call is given."""
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
