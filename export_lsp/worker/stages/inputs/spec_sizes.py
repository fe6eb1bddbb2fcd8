"""dynamic_shapes whose sizes the example does not have.

What raises it is the same part of torch as for `spec`, and ``EqualityConstraint`` and
``make_constraints``.  Texts seen in torch 2.13.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from export_lsp.protocol import Finding
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies import dynamic_shapes
from export_lsp.worker.stages.inputs.spec_finding import invalid
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.shape_entry import ShapeEntry

Explainer: TypeAlias = "Callable[[Failure, Declaration], Finding | None]"

SIZE = r"L\[.+?\]\.size\(\)\[\d+\]"
STATIC = re.compile(
    r"Static shape constraint of (\d+) does not match input size of (\d+), for (.*)"
)
NOT_IN_RANGE = re.compile(r"(\d+) not in range \[(.*?), (.*?)\]")
FORM = re.compile(r"Expected shape\[(\d+)\] = (\d+) of input Tensor to be of the form (.+?), where")
DERIVED = re.compile(rf"Expected input ({SIZE}) to be equal to (.+?), where (.+?), but got (\d+)")
UNEQUAL = re.compile(rf"({SIZE}) = (\d+) is not equal to ({SIZE}) = (\d+)")


def _range(failure: Failure, declaration: Declaration) -> Finding | None:
    match = NOT_IN_RANGE.search(failure.text)
    if match is None:
        return None
    for entry in declaration.shape_entries():
        low, high = getattr(entry.dim, "min", None), getattr(entry.dim, "max", None)
        if entry.size is not None and (
            (low is not None and entry.size < low) or (high is not None and entry.size > high)
        ):
            return invalid(
                failure,
                entry.location,
                f"The example has {entry.size} in {entry.label}, outside the range"
                f" {low} to {high} given here; change the range or the example",
                dynamic_shapes.widen_range(entry, declaration.workspace),
            )
    return None


def _static(failure: Failure, declaration: Declaration) -> Finding | None:
    match = STATIC.search(failure.text)
    if match is None:
        return None
    for entry in declaration.shape_entries():
        if isinstance(entry.dim, int) and entry.size is not None and entry.size != entry.dim:
            return invalid(
                failure,
                entry.location,
                f"The spec makes {entry.description} static with size {entry.dim}, but the example"
                f" has {entry.size}; change one of the two",
                instead=str(entry.size),
            )
    return None


def _form(failure: Failure, declaration: Declaration) -> Finding | None:
    match = FORM.search(failure.text)
    if match is None:
        return None
    for entry in declaration.shape_entries():
        if entry.name == match[3] and entry.size == int(match[2]):
            return invalid(
                failure,
                entry.location,
                f"The example has {entry.size} in {entry.description}, which is not of the form"
                f" `{entry.name}`; change the example or the spec",
                dynamic_shapes.let_export_decide([entry], declaration.workspace),
            )
    return None


def _derived(failure: Failure, declaration: Declaration) -> Finding | None:
    match = DERIVED.search(failure.text)
    entry = _entry(match[1], declaration) if match is not None else None
    if match is None or entry is None:
        return None
    return invalid(
        failure,
        entry.location,
        f"The example has {match[4]} in {entry.description}, which is not `{match[2]}` when"
        f" `{match[3]}`; change an example or the spec",
        dynamic_shapes.let_export_decide([entry], declaration.workspace),
    )


def _unequal(failure: Failure, declaration: Declaration) -> Finding | None:
    match = UNEQUAL.search(failure.text)
    if match is None:
        return None
    entry, other = _entry(match[1], declaration), _entry(match[3], declaration)
    if entry is None or other is None:
        return None
    return invalid(
        failure,
        entry.location,
        f"The example has {match[2]} in {entry.label} and {match[4]} in {other.description}, which"
        " have one Dim; change an example or use two Dims",
        dynamic_shapes.let_export_decide([entry], declaration.workspace),
    )


def _entry(source: str, declaration: Declaration) -> ShapeEntry | None:
    entries = declaration.shape_entries()
    return next((e for e in entries if source in (e.source, e.flat_source)), None)


KNOWN: tuple[Explainer, ...] = (_range, _static, _form, _derived, _unequal)
