"""Specs for inputs that have no dimensions."""

from __future__ import annotations

import re

from export_lsp.protocol import Finding
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.inputs.finding import invalid_spec
from export_lsp.worker.stages.inputs.shape_spec import paths
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import Path
from export_lsp.worker.text.sentences import Words, article

NOT_A_TENSOR = re.compile(
    r"to non-tensor type <class '(?P<kind>\w+)'> at `inputs(?P<inputs>(?:\[[^\]]*\])*)`"
)
DYNAMIC_FLAG = re.compile(
    r"Cannot create SymNode of type|Expected exact int type, got <class 'bool'>"
)


def not_a_tensor_at(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain dimensions given for an input that is no tensor, where torch names the input."""
    match = NOT_A_TENSOR.search(failure.text)
    if match is None:
        return None
    path = paths.parsed(match["inputs"], declaration)
    return _no_dimensions(failure, declaration, path, match["kind"])


def not_a_tensor(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain dimensions given for a number or string, where torch names no input."""
    if not isinstance(failure.error, (ValueError, AssertionError, TypeError)):
        return None
    if "integers" not in failure.text and "IntWrapper" not in failure.text:
        return None
    for name, value in declaration.arguments().items():
        if isinstance(value, (int, float, str)):
            return _no_dimensions(failure, declaration, (name,), type(value).__name__)
    return None


def _no_dimensions(failure: Failure, declaration: Declaration, path: Path, kind: str) -> Finding:
    is_kind = (
        "None in the example and" if kind == "NoneType" else f"{article(kind)} `{kind}`, which"
    )
    varying = ", or `Dim.DYNAMIC` if it may vary" if kind == "int" else ""
    return invalid_spec(
        failure,
        declaration.spec_location(path),
        Words(
            "Dimensions for a non-tensor",
            f"`{paths.expression(path)}` is {is_kind} has no dimensions.",
            f"Give it `None`{varying}.",
        ),
        instead="None",
    )


def dynamic_flag(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a ``bool`` that is asked to be dynamic."""
    if DYNAMIC_FLAG.search(failure.text) is None:
        return None
    for name, value in declaration.arguments().items():
        if isinstance(value, bool):
            return invalid_spec(
                failure,
                declaration.spec_location((name,)),
                Words(
                    "Dynamic `bool`",
                    f"`{name}` is a `bool`, which cannot be dynamic.",
                    "Give it `None`, and export once for each value.",
                ),
                instead="None",
            )
    return None
