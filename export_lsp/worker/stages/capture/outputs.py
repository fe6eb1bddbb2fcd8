"""What ``forward`` returns has to be made of tensors in registered containers."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING

from export_lsp.protocol import Finding, Location
from export_lsp.worker.failure import Failure
from export_lsp.worker.targets import syntax

if TYPE_CHECKING:
    from export_lsp.worker.stages.build import Built

NOT_A_TYPE = re.compile(r"Found (<class '.*?'>) in output|unrecognized type (.*?) at output")
CLASS = re.compile(r"<class '(?:.*\.)?(.*?)'>")


def explain(failure: Failure, built: Built) -> Finding | None:
    match = NOT_A_TYPE.search(failure.text)
    if match is None:
        return None
    kind = match[1] or match[2]
    name = CLASS.search(kind)
    return failure.finding(
        "unsupported-output",
        f"`forward` returns a `{name[1] if name else kind}`, which torch.export cannot look into;"
        " return tensors in tuples, lists or dicts, or register the type"
        " (`torch.export.register_dataclass`, `torch.utils._pytree.register_pytree_node`)",
        location=_returned(failure, built),
    )


def _returned(failure: Failure, built: Built) -> Location | None:
    """The expression of forward's last ``return``; None where its source is not the user's."""
    forward = inspect.unwrap(type(built.model).forward)
    code = getattr(forward, "__code__", None)
    source = failure.workspace.source(code.co_filename) if code is not None else None
    if source is None or code is None:
        return None
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef) and _first_line(node) == code.co_firstlineno:
            value = syntax.last_return(node)
            return source.node(value) if value is not None else None
    return None


def _first_line(function: ast.FunctionDef) -> int:
    """``co_firstlineno`` counts from the first decorator."""
    return min([function.lineno, *(d.lineno for d in function.decorator_list)])
