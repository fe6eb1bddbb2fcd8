"""Specs that contradict the sizes of the example inputs.

Besides the functions that `inputs` names, ``EqualityConstraint`` and ``make_constraints`` of torch
raise for these.
"""

from __future__ import annotations

import re

from export_lsp.protocol import Finding
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies import dynamic_shapes
from export_lsp.worker.stages.inputs.finding import invalid_spec
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.shape_entry import ShapeEntry
from export_lsp.worker.text.sentences import Words

# How non-strict mode of torch 2.6 names a size, in place of "L['args'][0][1].size()[0]".
ARGUMENT = re.compile(r"(?<!\w)args((?:\[[^\]]*\])+)\.shape\[(\d+)\]")
SIZE = r"L\[.+?\]\.size\(\)\[\d+\]"
STATIC = re.compile(
    r"Static shape constraint of (\d+) does not match input size of (\d+), for (.*)"
)
NOT_IN_RANGE = re.compile(r"(\d+) not in range \[(.*?), (.*?)\]")
FORM = re.compile(r"Expected shape\[(\d+)\] = (\d+) of input Tensor to be of the form (.+?), where")
DERIVED = re.compile(rf"Expected input ({SIZE}) to be equal to (.+?), where (.+?), but got (\d+)")
UNEQUAL = re.compile(rf"({SIZE}) = (\d+) is not equal to ({SIZE}) = (\d+)")


def out_of_range(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain an example size outside the range of its Dim."""
    match = NOT_IN_RANGE.search(failure.text)
    if match is None:
        return None
    for entry in declaration.shape_entries():
        low, high = getattr(entry.dim, "min", None), getattr(entry.dim, "max", None)
        if entry.size is not None and (
            (low is not None and entry.size < low) or (high is not None and entry.size > high)
        ):
            return invalid_spec(
                failure,
                entry.location,
                Words(
                    "Example outside of the range",
                    f"The example has {entry.size} in {entry.label}, outside the range {low} to"
                    f" {high} given here.",
                    "Change the range or the example.",
                ),
                dynamic_shapes.widen_range(entry, declaration.workspace),
            )
    return None


def not_static_size(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain an integer in the spec that is not the size of the example."""
    match = STATIC.search(failure.text)
    if match is None:
        return None
    for entry in declaration.shape_entries():
        if isinstance(entry.dim, int) and entry.size is not None and entry.size != entry.dim:
            return invalid_spec(
                failure,
                entry.location,
                Words(
                    "Static size unlike the example's",
                    f"The spec makes {entry.description} static with size {entry.dim}, but the"
                    f" example has {entry.size}.",
                    "Change one of the two.",
                ),
                instead=str(entry.size),
            )
    return None


def not_of_form(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain an example size that is no value of a derived Dim such as ``2 * n``."""
    match = FORM.search(failure.text)
    if match is None:
        return None
    for entry in declaration.shape_entries():
        if entry.name == match[3] and entry.size == int(match[2]):
            return invalid_spec(
                failure,
                entry.location,
                Words(
                    "Example of another form",
                    f"The example has {entry.size} in {entry.description}, and `{entry.name}` has"
                    " no such value.",
                    "Change the example or the spec.",
                ),
                dynamic_shapes.let_export_decide([entry], declaration.workspace),
            )
    return None


def not_derived_size(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain an example size that does not follow from the size it is derived from."""
    match = DERIVED.search(_with_sources(failure.text))
    entry = _entry(match[1], declaration) if match is not None else None
    if match is None or entry is None:
        return None
    return invalid_spec(
        failure,
        entry.location,
        Words(
            "Example of another form",
            f"The example has {match[4]} in {entry.description}, which is not `{match[2]}` when"
            f" `{match[3]}`.",
            "Change an example or the spec.",
        ),
        dynamic_shapes.let_export_decide([entry], declaration.workspace),
    )


def unequal_sizes(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain example sizes that differ although they share one Dim."""
    match = UNEQUAL.search(_with_sources(failure.text))
    if match is None:
        return None
    entry, other = _entry(match[1], declaration), _entry(match[3], declaration)
    if entry is None or other is None:
        return None
    return invalid_spec(
        failure,
        entry.location,
        Words(
            "Different sizes for one Dim",
            f"The example has {match[2]} in {entry.label} and {match[4]} in {other.description},"
            " which have one Dim.",
            "Change an example or use two Dims.",
        ),
        dynamic_shapes.let_export_decide([entry], declaration.workspace),
    )


def _with_sources(text: str) -> str:
    return ARGUMENT.sub(r"L['args']\1.size()[\2]", text)


def _entry(source: str, declaration: Declaration) -> ShapeEntry | None:
    entries = declaration.shape_entries()
    return next((e for e in entries if source in e.sources), None)
