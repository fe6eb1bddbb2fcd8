"""What ``forward`` returns has to be made of tensors in registered containers."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from export_lsp.protocol import Finding, Location
from export_lsp.worker.failure import Failure
from export_lsp.worker.stages.capture.sentences import article
from export_lsp.worker.targets import syntax

if TYPE_CHECKING:
    from export_lsp.worker.targets import Built

# The third in strict mode of torch 2.6.
NOT_A_TYPE = re.compile(
    r"Found (<class '.*?'>) in output|unrecognized type (.*?) at output"
    r"|one of the outputs with type `(.*?)` is not supported"
)
CLASS = re.compile(r"<class '(?:.*\.)?(.*?)'>")
# Strict mode names Dynamo's class, and not always the user's: "UserDefinedObjectVariable(Cache)".
VARIABLE = re.compile(r"(\w*)Variable\((?:.*\.)?(\w*)\)")
FUNCTIONS = ("function", "method", "builtin_function_or_method")


def explain(failure: Failure, built: Built) -> Finding | None:
    match = NOT_A_TYPE.search(failure.text)
    if match is None:
        return None
    name = kind_of(match[1] or match[2] or match[3])
    if name in FUNCTIONS:
        message = "`forward` returns a function; call it there and return tensors"
    elif name in ("set", "frozenset"):
        message = (
            f"`forward` returns a `{name}`, which has no order; return a list or tuple of tensors"
        )
    else:
        message = (
            f"`forward` returns {article(name)} `{name}`, which torch.export cannot look into;"
            " return its tensors in tuples, lists or dicts, or register the type"
            " (`torch.export.register_dataclass`, `torch.utils._pytree.register_pytree_node`)"
        )
    captured = replace(failure, stage="capture")
    return captured.finding("unsupported-output", message, location=_returned(failure, built))


def kind_of(text: str) -> str:
    """The type's name in torch's words for a value that is no output."""
    if match := CLASS.search(text):
        return match[1]
    if match := VARIABLE.search(text):
        if "Function" in match[1] or "Method" in match[1]:
            return "function"
        return match[2] or match[1].lower()
    return text.strip("`'\"")


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
