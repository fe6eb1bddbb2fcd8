"""Messages for failures that eager mode has too, by the syntax at the location."""

from __future__ import annotations

import ast
import re

from export_lsp.worker.data.eager_record import EagerError
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.sentences import Words, sentence

# Texts of eager mode and of fake tensors.
TWO_DEVICES = re.compile(
    r"not on the expected device|same device|at least two devices|different from other tensors"
)

DEVICES = re.compile(r"devices, ([\w:]+) and ([\w:]+)")


def words(failure: Failure, error: EagerError, where: str = "in eager mode too") -> Words:
    """Return the words for what eager mode raises at the location of a failure.

    `where` is "in eager mode" if the export did not fail.
    """
    source = failure.source(failure.location)
    expression = source.expression_at(failure.location) if source else None
    statement = source.statement_at(failure.location) if source else None
    if isinstance(statement, ast.Raise):
        return Words(f"{error.kind} {where}", _why(error))
    if error.is_assertion and _asserted(failure):
        return Words(f"Assertion fails {where}", _why(error))
    if isinstance(expression, (ast.Tuple, ast.List)) and isinstance(expression.ctx, ast.Store):
        return Words(f"Unpacking fails {where}", _why(error))
    return Words(f"{error.kind} {where}", _why(error), _device_advice(expression, error.text))


def mixed_devices(failure: Failure) -> Words:
    """Return the words for tensors on several devices, on a machine that may lack them."""
    source = failure.source(failure.location)
    expression = source.expression_at(failure.location) if source else None
    named = DEVICES.search(failure.text)
    which = f"{named[1]} and {named[2]}" if named else "different devices"
    return Words(
        "Tensors on different devices",
        f"It mixes tensors on {which}.",
        _device_advice(expression, failure.text),
    )


def _asserted(failure: Failure) -> bool:
    source = failure.source(failure.location)
    return source is not None and any(
        isinstance(node, ast.Assert) and source.location_of(node.test) == failure.location
        for node in source.nodes
    )


def _why(error: EagerError) -> str:
    text = torch_text.one_line(error.text)
    return sentence(f"{error.kind}: {text}") if text else ""


def _device_advice(expression: ast.expr | None, text: str) -> str:
    if not TWO_DEVICES.search(text):
        return ""
    other = expression.left if isinstance(expression, ast.BinOp) else None
    if not isinstance(other, ast.Name):
        return "Create both on one device, or move one with `.to`."
    return (
        f"Create both on one device (`device={other.id}.device`), or move one with"
        f" `.to({other.id}.device)`."
    )
