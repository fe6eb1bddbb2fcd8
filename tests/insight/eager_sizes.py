"""The concrete shapes that the names and expressions of a file have in eager mode."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch.compiler import set_stance
from torch.utils import _pytree as pytree

from export_lsp.protocol import Check, Location
from export_lsp.worker.check.checked_file import load_targets, selected_targets, track_file
from export_lsp.worker.check.process_setup import prepare_process
from export_lsp.worker.check.reporter import Reporter, discard_event
from export_lsp.worker.insight.noted_places import NotedPlace
from export_lsp.worker.insight.trace_notes import TraceNotes, noting
from export_lsp.worker.private import dtype_names
from export_lsp.worker.targets.declaration import Declaration
from tests.insight.processes import in_process

# The dtype, in its short name, and the sizes of a tensor.
Type = tuple[str, tuple[int, ...]]


class EagerNotes(TraceNotes):
    """Notes plain numbers as well as tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.integers: dict[NotedPlace, set[int]] = {}

    def note(self, place: NotedPlace, value: Any) -> None:
        super().note(place, value)
        if isinstance(value, int):
            self.integers.setdefault(place, set()).add(value)


@dataclass(frozen=True)
class EagerSizes:
    """The shapes of one target, by the location and the name of the place.

    `calls` says how often a place had a tensor, `dims` are the example's sizes by the names of the
    Dims, `integers` the values of the variables of each function, `expressions` those of
    expressions by their text, and `inputs` the shapes of forward's parameters.
    """

    target: str
    types: dict[tuple[Location, str], list[Type]] = field(default_factory=dict)
    functions: dict[tuple[Location, str], str] = field(default_factory=dict)
    calls: dict[tuple[Location, str], int] = field(default_factory=dict)
    dims: dict[str, int] = field(default_factory=dict)
    integers: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    expressions: dict[str, set[int]] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)


def eager_sizes(file: Path, modules: Path) -> list[EagerSizes]:
    """Return the shapes of a file's targets in eager mode, as far as they run, in a process.

    Args:
        file: The file.
        modules: Its workspace folder.
    """
    return in_process(_sizes, str(file), str(modules))


def _sizes(file: str, folder: str) -> list[EagerSizes]:
    check = Check(0, folder, file, build="real")
    prepare_process(check)
    sys.stdout = sys.stderr
    checked = track_file(check)
    load_targets(check, checked, Reporter(check, discard_event))
    found = []
    for target in selected_targets(checked.targets, check):
        try:
            built = checked.build(target, check)
            declaration = Declaration(target, built, checked.workspace)
            found.append(_run(declaration))
        except Exception as error:
            print(f"{file}: {target.name}: {error!r}"[:200], file=sys.stderr)
    return found


def _run(declaration: Declaration) -> EagerSizes:
    built, notes = declaration.built, EagerNotes()
    dims = {
        name: size
        for entry in declaration.shape_entries()
        if entry.size is not None
        for name, size in _root_size(entry.dim, entry.size)
    }
    inputs = pytree.tree_map_only(
        torch.Tensor, lambda each: Shaped(tuple(each.shape)), declaration.arguments()
    )
    args, kwargs = pytree.tree_map_only(torch.Tensor, torch.clone, (built.args, built.kwargs or {}))
    with noting(built.model, declaration.workspace, notes), set_stance("force_eager"):
        built.model(*args, **kwargs)
    # Instances of the user's classes do not leave this process.
    plain = {name: value for name, value in inputs.items() if _is_plain(value)}
    sizes = EagerSizes(declaration.target.name, dims=dims, inputs=plain)
    for place, tensors in notes.tensors.items():
        key = place.location, place.name
        sizes.types[key] = [(dtype_names.short(each.dtype), each.sizes) for each in tensors]
        sizes.functions[key] = place.function
        sizes.calls[key] = notes.calls[place]
    for place, numbers in notes.integers.items():
        source = declaration.workspace.source(place.location.file)
        if place.name:
            sizes.integers.setdefault((place.function, place.name), set()).update(numbers)
        elif source is not None:
            text = source.excerpt(place.location)
            sizes.expressions.setdefault(text, set()).update(numbers)
    return sizes


def _is_plain(value: Any) -> bool:
    parts = value.values() if type(value) is dict else value if type(value) in (list, tuple) else ()
    if type(value) in (dict, list, tuple):
        return all(map(_is_plain, parts))
    return isinstance(value, Shaped) or type(value) in (int, float, bool, str, type(None))


def _root_size(dim: Any, size: int) -> Iterator[tuple[str, int]]:
    """Yield the name of a Dim, or of the one that it is derived from, and the example's size."""
    if not hasattr(dim, "root"):
        yield from [(dim.__name__, size)] if hasattr(dim, "__name__") else ()
        return
    yield from [(dim.root.__name__, each) for each in range(size + 1) if dim.fn(each) == size]


@dataclass(frozen=True)
class Shaped:
    """Stands for a tensor in the text of a size, such as ``x.shape[1]``."""

    shape: tuple[int, ...]
