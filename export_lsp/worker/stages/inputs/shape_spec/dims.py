"""Entries of dynamic_shapes for single dimensions: their keys and values."""

from __future__ import annotations

import re
from typing import Any

from export_lsp.protocol import Finding
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies import dim_expressions, spec_literals
from export_lsp.worker.stages.inputs.finding import invalid_spec
from export_lsp.worker.stages.inputs.shape_spec import paths
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words, article

DEFINITIONS = re.compile(r"different definitions (.*?) and (.*?) for the same symbolic")
NOT_A_DIM = re.compile(r"Unexpected dimension mapped to .*but got (.+?) instead\)")
# The bound that every size has; torch writes it where the user did not.
ANY_MIN = re.compile(r", min=0\b")


def two_definitions(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain two Dims with one name and different ranges."""
    if DEFINITIONS.search(failure.text) is None:
        return None
    named: dict[str | None, Any] = {}
    for entry in declaration.shape_entries():
        first = named.setdefault(entry.name, entry)
        if entry.name and _as_written(first.dim) != _as_written(entry.dim):
            return invalid_spec(
                failure,
                entry.location,
                Words(
                    f"Two ranges for `{entry.name}`",
                    f"`{entry.name}` is defined twice, as `{_as_written(first.dim)}` and as"
                    f" `{_as_written(entry.dim)}`; one name has one range.",
                    "Use one Dim for both, or two names.",
                ),
                instead=failure.excerpt(first.location),
            )
    return None


def _as_written(dim: Any) -> str:
    text = str(dim)
    if isinstance(dim, type):  # as in torch 2.6
        text = f"Dim('{dim.__name__}', min={dim.min}, max={dim.max})"  # type: ignore[attr-defined]
    return ANY_MIN.sub("", text)


def missing_dimension(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain an entry for a dimension that the example does not have."""
    for entry in declaration.shape_entries():
        if entry.size is None and isinstance(failure.error, IndexError):
            return invalid_spec(
                failure,
                entry.input_location,
                Words(
                    "Dimension that does not exist",
                    f"There is no {entry.description} in the example; dimensions are counted from"
                    " 0.",
                ),
            )
    return None


def dimension_keys(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a dict for a tensor whose keys are not numbers."""
    if failure.stage != "inputs" or not isinstance(failure.error, TypeError):
        return None
    for path, spec, _ in declaration.specified_inputs(declaration.arguments()):
        keys = [key for key in spec if not isinstance(key, int)] if isinstance(spec, dict) else []
        if keys:
            place = declaration.spec_location(path)
            kind = type(keys[0]).__name__
            return invalid_spec(
                failure,
                place,
                Words(
                    "Dimension that is no number",
                    f"The keys of a tensor's spec are its dimensions' numbers, and {keys[0]!r} is"
                    f" {article(kind)} `{kind}`.",
                    "Write 0 for the first dimension.",
                ),
                spec_literals.convert_keys_to_numbers(failure.source(place), place),
            )
    return None


def not_a_dim(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a value that is no ``Dim``, integer or ``None``."""
    match = NOT_A_DIM.search(failure.text)
    if match is None:
        return None
    value = match[1]
    place = declaration.spec_location(paths.path_in(failure, declaration))
    if value[:1] not in ("'", '"'):
        words = Words(
            "Value that is no Dim",
            f"`{value}` is no dimension.",
            "Give a `Dim`, an integer or `None`.",
        )
        return invalid_spec(failure, place, words)
    source, text = failure.source(place), failure.excerpt(place)
    is_literal = source is not None and text[1:-1] == value[1:-1]
    return invalid_spec(
        failure,
        place,
        Words("String in place of a Dim", f"`{value}` is a string.", f"Write `Dim({value})`."),
        instead=f"{dim_expressions.dim_class_name(source)}({text})"
        if source and is_literal
        else None,
    )
