"""The edges of the sizes that are shown, tried on plain torch's own exported program."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch.utils import _pytree as pytree

from export_lsp.protocol import Check, DimFact
from export_lsp.worker.check.checked_file import load_targets, selected_targets, track_file
from export_lsp.worker.check.process_setup import prepare_process
from export_lsp.worker.check.reporter import Reporter, discard_event
from export_lsp.worker.execution.smaller_inputs import traced_inputs
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import as_suffix
from tests.insight.processes import in_process

# Larger inputs are not tried.
LARGEST = 4096


@dataclass
class Edges:
    """The sizes that were tried: `runs` counts them, `wrong` describes those shown wrongly."""

    runs: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Edges) -> None:
        """Add the counts of other sizes."""
        self.runs += other.runs
        self.wrong += other.wrong


@dataclass(frozen=True)
class Axis:
    """A dimension of an input that a Dim decides, and the function from the Dim's size to its."""

    leaf: int
    axis: int
    derived: Any = None


def edges(file: Path, target: str, dims: Sequence[DimFact]) -> Edges:
    """Run the program of a target at the edges of its dimensions, and beside them."""
    return in_process(_edges, str(file), str(file.parent), target, tuple(dims))


def _edges(file: str, folder: str, target: str, dims: tuple[DimFact, ...]) -> Edges:
    check = Check(0, folder, file, build="real")
    prepare_process(check)
    checked = track_file(check)
    load_targets(check, checked, Reporter(check, discard_event))
    found = Edges()
    targets = {each.name: each for each in selected_targets(checked.targets, check)}
    if target not in targets:
        return found  # it is declared in another way than in the file
    built = checked.build(targets[target], check)
    exported = torch.export.export(
        built.model, built.args, built.kwargs, dynamic_shapes=built.dynamic_shapes, strict=False
    )
    axes = axes_of(Declaration(targets[target], built, checked.workspace), traced_inputs(exported))
    program = exported.module()
    leaves, structure = pytree.tree_flatten((built.args, built.kwargs or {}))
    for dim in dims:
        for size, expected in _tried(dim) if dim.name in axes else ():
            others = list(leaves)
            for axis in axes[dim.name]:
                wanted = size if axis.derived is None else axis.derived(size)
                others[axis.leaf] = resized(others[axis.leaf], axis.axis, wanted)
            args, kwargs = pytree.tree_unflatten(others, structure)
            found.runs += 1
            error = _error_of(program, args, kwargs)
            if error is not None and expected and _error_of(built.model, args, kwargs) is not None:
                continue  # the model itself does not take this size
            if (error is None) is not expected:
                verb = "takes" if error is None else f"refuses ({error:.90})"
                found.wrong.append(f"{file}: {target}: {dim}: the program {verb} {size}")
    return found


def axes_of(declaration: Declaration, traced: Sequence[Any] = ()) -> dict[str, list[Axis]]:
    """Return the dimensions of the inputs by the names that are shown for them.

    Args:
        declaration: The target.
        traced: The leaves of the inputs in a program of the target: several sizes that have no Dim
            may be one there.  Without a program each has its own name.
    """
    axes: dict[str, list[Axis]] = {}
    first: dict[str, str] = {}
    for entry in declaration.shape_entries():
        if entry.axis is None:
            continue
        axis = Axis(entry.leaf, entry.axis, getattr(entry.dim, "fn", None))
        root = getattr(entry.dim, "root", entry.dim)
        argument, *steps = entry.path
        path = f"{argument}{as_suffix(tuple(steps))}.shape[{entry.axis}]"
        name = getattr(root, "__name__", None)
        if name is None:
            size = str(traced[entry.leaf].shape[entry.axis]) if traced else path
            name = first.setdefault(size, path)
        axes.setdefault(name, []).append(axis)
    return axes


def _tried(dim: DimFact) -> Iterator[tuple[int, bool]]:
    """Yield sizes, and whether the program is said to accept them."""
    yield dim.minimum, True
    yield dim.minimum + dim.multiple, dim.maximum is None or dim.minimum < dim.maximum
    if dim.minimum > 0:
        yield dim.minimum - 1, False
    if dim.multiple > 1:
        yield dim.minimum + 1, False
    if dim.maximum is not None and dim.maximum <= LARGEST:
        yield dim.maximum, True
        yield dim.maximum + 1, False


def resized(tensor: torch.Tensor, axis: int, size: int) -> torch.Tensor:
    """Return a tensor with another size along an axis, filled with what it had."""
    index = [each % max(tensor.shape[axis], 1) for each in range(size)]
    with torch.no_grad():
        if not tensor.shape[axis]:
            shape = [size if each == axis else old for each, old in enumerate(tensor.shape)]
            return tensor.new_zeros(shape)
        return tensor.index_select(axis, torch.tensor(index, dtype=torch.long))


def _error_of(called: Any, args: Any, kwargs: Any) -> str | None:
    cloned = pytree.tree_map_only(torch.Tensor, torch.clone, (args, kwargs))
    try:
        with torch.no_grad(), contextlib.suppress(StopIteration):
            called(*cloned[0], **cloned[1])
    except Exception as error:
        return " ".join(str(error).split())
    return None
