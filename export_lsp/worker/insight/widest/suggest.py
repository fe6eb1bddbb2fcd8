"""Finds the widest ``dynamic_shapes`` of a target, and proves them by exporting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from export_lsp.protocol import Mode
from export_lsp.worker.data.target import Built
from export_lsp.worker.execution.model_state import state_restored
from export_lsp.worker.execution.smaller_inputs import traced_inputs
from export_lsp.worker.insight import trace_notes
from export_lsp.worker.insight.size_names import SizeNames
from export_lsp.worker.insight.trace_notes import TraceNotes
from export_lsp.worker.insight.widest.dim_texts import Known, Varying, automatic_dims, named_dims
from export_lsp.worker.insight.widest.every_size import (
    SMALLEST_DYNAMIC,
    Varies,
    any_axis,
    named_tuples,
    of_axes,
    spec_text,
    varying,
)
from export_lsp.worker.private import symbolic_shapes, trace
from export_lsp.worker.private.size_rules import size_rules
from export_lsp.worker.remedies.dim_expressions import dim_class_name
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import Path
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of, truncate

NOTHING_VARIES = "the code needs all sizes as they are"
NO_EXPORT = "it does not export with sizes that vary"
MAX_REASON = 200
SYMBOL = re.compile(r"\b(?:s|u|zuf)\d+\b")
ONES = (
    f"sizes below {SMALLEST_DYNAMIC} are constants for export: "
    "take larger ones in the example to let them vary"
)


@dataclass(frozen=True)
class Suggestion:
    """The ``dynamic_shapes`` as an expression, "" without any; `note` says what limits them.

    `modes` are those in which the model exports with them.
    """

    text: str = ""
    modes: tuple[Mode, ...] = ()
    note: str = ""


def suggest(declaration: Declaration, modes: Sequence[Mode]) -> Suggestion:
    """Return the widest ``dynamic_shapes`` that a target exports with.

    Args:
        declaration: The target; dynamic shapes that it declares do not matter.
        modes: The modes to export in.
    """
    traced = _traced(declaration, any_axis)
    if isinstance(traced, BaseException):
        axes = [axis for axis in range(_rank(declaration)) if _can_vary(declaration, axis)]
        attempts = ([axes] if len(axes) > 1 else []) + [[axis] for axis in axes]
        for some in attempts:
            found = _traced(declaration, of_axes(some))
            if isinstance(found, _Traced):
                return _of_traced(found, modes)
        reason = _first_line(traced)
        # Torch's names of sizes mean nothing to the user.
        return Suggestion(note=NO_EXPORT if SYMBOL.search(reason) else f"{NO_EXPORT}: {reason}")
    return _of_traced(traced, modes)


@dataclass(frozen=True)
class _Traced:
    """A target whose sizes vary, its program, and the names of sizes in its trace."""

    wide: Declaration
    program: ExportedProgram
    notes: TraceNotes


def _traced(declaration: Declaration, varies: Varies) -> _Traced | BaseException:
    """Export with sizes that vary; return the failure if that fails."""
    notes = TraceNotes()
    model = declaration.built.model
    try:
        wide = varying(declaration, varies)
        with trace_notes.noting(model, wide.workspace, notes):
            return _Traced(wide, _export(wide.built, "non-strict"), notes)
    except USER_ERRORS as error:
        return error


def _can_vary(declaration: Declaration, axis: int) -> bool:
    return isinstance(_traced(declaration, of_axes([axis])), _Traced)


def _first_line(error: BaseException) -> str:
    lines = text_of(error).strip().splitlines()
    return truncate(lines[0] if lines else type(error).__name__, MAX_REASON)


def _of_traced(traced: _Traced, modes: Sequence[Mode]) -> Suggestion:
    wide, program = traced.wide, traced.program
    inputs = [each for each in traced_inputs(program) if isinstance(each, torch.Tensor)]
    rules = size_rules(program, inputs)
    known = Known.of(rules) if rules is not None else None
    found = [each for each in _varying(wide, program) if known is None or known.varies(each.size)]
    note = ONES if _has_ones(wide) else ""
    if not found:
        return Suggestion(note=note or NOTHING_VARIES)
    dim = _dim_name(wide)
    texts: list[Mapping[Path, Mapping[int, str]]] = [automatic_dims(found, dim)]
    if rules is not None and known is not None:
        names = SizeNames.of(traced.notes, wide)
        texts.insert(0, named_dims(found, rules, known, names, dim))
    best = Suggestion(note=f"{NO_EXPORT} as Dims")
    for dims in texts:
        proved = _proved(spec_text(wide, dims), wide, modes, note)
        if len(proved.modes) > len(best.modes):
            best = proved
        if len(best.modes) == len(modes):
            break
    return best


def _varying(wide: Declaration, program: ExportedProgram) -> Iterator[Varying]:
    """Yield the dimensions that vary in the program."""
    tensors = [each for each in traced_inputs(program) if isinstance(each, torch.Tensor)]
    sizes = [size for each in tensors for size in each.shape if isinstance(size, torch.SymInt)]
    known = symbolic_shapes.sources_of(sizes[0]) if sizes else {}
    for entry in wide.shape_entries():
        size = next((known[source] for source in entry.sources if source in known), None)
        if size is not None and size.free_symbols and entry.axis is not None:
            yield Varying(entry, size)


def _has_ones(wide: Declaration) -> bool:
    return any(size < SMALLEST_DYNAMIC for shape in _shapes(wide) for size in shape)


def _rank(declaration: Declaration) -> int:
    """Return the largest number of dimensions of an input."""
    return max(map(len, _shapes(declaration)), default=0)


def _shapes(declaration: Declaration) -> list[torch.Size]:
    leaves = pytree.tree_leaves((declaration.built.args, declaration.built.kwargs))
    return [each.shape for each in leaves if isinstance(each, torch.Tensor)]


def _dim_name(wide: Declaration) -> str:
    source = wide.workspace.source(wide.target.places.declaration.file)
    return dim_class_name(source) if source is not None else "torch.export.Dim"


def _proved(text: str, wide: Declaration, modes: Sequence[Mode], note: str) -> Suggestion:
    """Return a suggestion with the modes in which the model exports with its text."""
    built = replace(wide.built, dynamic_shapes=_value(text, wide))
    return Suggestion(text, tuple(mode for mode in modes if _exports(built, mode)), note)


def _value(text: str, wide: Declaration) -> Any:
    """Return the value of a text that `spec_text` has written."""
    classes = {each.__name__: each for each in named_tuples(wide.built.dynamic_shapes)}
    return eval(text, {"torch": torch, "Dim": torch.export.Dim, **classes})


def _exports(built: Built, mode: Mode) -> bool:
    try:
        _export(built, mode)
    except USER_ERRORS:
        return False
    finally:
        torch._dynamo.reset()
    return True


def _export(built: Built, mode: Mode) -> ExportedProgram:
    with state_restored(built.model), trace.without_graph_print():
        return torch.export.export(
            built.model,
            built.args,
            built.kwargs,
            dynamic_shapes=built.dynamic_shapes,
            strict=mode == "strict",
        )
