"""dynamic_shapes for inputs that have no dimensions, or that `**kwargs` takes.

What raises it is the same part of torch as for `spec`.  Texts seen in torch 2.13.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import TypeAlias

from export_lsp.protocol import Finding, Location
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.inputs import spec_paths
from export_lsp.worker.stages.inputs.spec_finding import invalid
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import Path
from export_lsp.worker.text.sentences import article

Explainer: TypeAlias = "Callable[[Failure, Declaration], Finding | None]"

NOT_A_TENSOR = re.compile(
    r"to non-tensor type <class '(?P<kind>\w+)'> at `inputs(?P<inputs>(?:\[[^\]]*\])*)`"
)
DYNAMIC_FLAG = re.compile(
    r"Cannot create SymNode of type|Expected exact int type, got <class 'bool'>"
)
STARS = {"*": inspect.Parameter.VAR_POSITIONAL, "**": inspect.Parameter.VAR_KEYWORD}


def _not_a_tensor(failure: Failure, declaration: Declaration) -> Finding | None:
    if not isinstance(failure.error, (ValueError, AssertionError, TypeError)):
        return None
    if "integers" not in failure.text and "IntWrapper" not in failure.text:
        return None
    for name, value in declaration.arguments().items():
        if isinstance(value, (int, float, str)):
            return _no_dimensions(failure, declaration, (name,), type(value).__name__)
    return None


def _not_a_tensor_there(failure: Failure, declaration: Declaration) -> Finding | None:
    match = NOT_A_TENSOR.search(failure.text)
    if match is None:
        return None
    path = spec_paths.below(match["inputs"], declaration)
    return _no_dimensions(failure, declaration, path, match["kind"])


def _no_dimensions(failure: Failure, declaration: Declaration, path: Path, kind: str) -> Finding:
    is_kind = (
        "None in the example and" if kind == "NoneType" else f"{article(kind)} `{kind}`, which"
    )
    varying = ", or `Dim.DYNAMIC` if it may vary" if kind == "int" else ""
    return invalid(
        failure,
        declaration.spec_location(path),
        f"`{spec_paths.written(path)}` is {is_kind} has no dimensions; give it `None`{varying}",
        instead="None",
    )


def _dynamic_flag(failure: Failure, declaration: Declaration) -> Finding | None:
    if DYNAMIC_FLAG.search(failure.text) is None:
        return None
    for name, value in declaration.arguments().items():
        if isinstance(value, bool):
            return invalid(
                failure,
                declaration.spec_location((name,)),
                f"`{name}` is a `bool`, which cannot be dynamic; give it `None`, and export once"
                " for each value",
                instead="None",
            )
    return None


def _keywords(failure: Failure, declaration: Declaration) -> Finding | None:
    """torch 2.13 loses its way in any spec for the inputs that `**kwargs` takes."""
    name = variadic(declaration, "**")
    if name is None or "Must provide a tree_name" not in failure.text:
        return None
    return no_keywords(failure, declaration, declaration.spec_location((name,)))


def in_keywords(declaration: Declaration) -> list[str]:
    """The inputs that forward's `**kwargs` takes."""
    name = variadic(declaration, "**")
    return list(declaration.arguments()[name]) if name is not None else []


def no_keywords(failure: Failure, declaration: Declaration, location: Location) -> Finding:
    name = variadic(declaration, "**")
    return invalid(
        failure,
        location,
        f"torch.export takes no dynamic_shapes for the inputs in `**{name}`; give `forward` a"
        " parameter for each of them",
    )


def variadic(declaration: Declaration, stars: str) -> str | None:
    """The name of forward's parameter with these stars, if the example uses it."""
    kind = STARS[stars]
    used = declaration.arguments()
    if not used:
        return None
    parameters = inspect.signature(declaration.built.model.forward).parameters.values()
    return next((p.name for p in parameters if p.kind is kind and p.name in used), None)


# What torch states in full; the rest comes after what may be the inputs' own fault.
KNOWN: tuple[Explainer, ...] = (_not_a_tensor_there, _keywords)
REST: tuple[Explainer, ...] = (_not_a_tensor, _dynamic_flag)
