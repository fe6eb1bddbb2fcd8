"""The operations of a model in eager mode, as torch counts them, compared with those shown."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch.compiler import set_stance
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils import _pytree as pytree
from torch.utils.flop_counter import FlopCounterMode

from export_lsp.protocol import Check, DimFact, Flops
from export_lsp.worker.check.checked_file import load_targets, selected_targets, track_file
from export_lsp.worker.check.process_setup import prepare_process
from export_lsp.worker.check.reporter import Reporter, discard_event
from export_lsp.worker.targets.declaration import Declaration
from tests.insight.edges import axes_of, resized
from tests.insight.processes import in_process


@dataclass
class FlopComparison:
    """The numbers of operations that were compared: `wrong` describes those that differ."""

    runs: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: FlopComparison) -> None:
        """Add the counts of another comparison."""
        self.runs += other.runs
        self.wrong += other.wrong


def compare_flops(file: Path, target: str, flops: Flops, dims: Sequence[DimFact]) -> FlopComparison:
    """Compare the operations of a target with eager mode, for the example and for other sizes."""
    return in_process(_compare, str(file), str(file.parent), target, flops, tuple(dims))


def _compare(
    file: str, folder: str, target: str, flops: Flops, dims: tuple[DimFact, ...]
) -> FlopComparison:
    check = Check(0, folder, file, build="real")
    prepare_process(check)
    sys.stdout = sys.stderr
    checked = track_file(check)
    load_targets(check, checked, Reporter(check, discard_event))
    found = FlopComparison()
    targets = {each.name: each for each in selected_targets(checked.targets, check)}
    if target not in targets:
        return found  # it is declared in another way than in the file
    built = checked.build(targets[target], check)
    declaration = Declaration(targets[target], built, checked.workspace)
    # Eager mode runs recurrent layers as one operator, which torch does not count.
    fused = any(isinstance(each, torch.nn.RNNBase) for each in built.model.modules())
    for sizes, args, kwargs in _inputs(declaration, dims):
        counted = _counted(built.model, args, kwargs)
        if counted is None:
            continue  # eager mode does not take this size
        shown = int(eval(flops.formula, {}, dict(sizes)) if sizes else flops.example or 0)
        found.runs += 1
        least, most = counted if flops.complete else 0, math.inf if fused else counted
        if not least <= shown <= most:
            found.wrong.append(f"{file}: {target}: {flops} with {sizes}: eager does {counted}")
    return found


def _inputs(
    declaration: Declaration, dims: Sequence[DimFact]
) -> Iterator[tuple[Mapping[str, int] | None, Any, Any]]:
    """Yield the example inputs, then others with the sizes of their dimensions."""
    built = declaration.built
    yield None, built.args, built.kwargs or {}
    axes = axes_of(declaration)
    if not dims or any(dim.name not in axes or not dim.name.isidentifier() for dim in dims):
        return
    leaves, structure = pytree.tree_flatten((built.args, built.kwargs or {}))
    for step in (2, 3):
        sizes = {dim.name: dim.minimum + step * dim.multiple for dim in dims}
        if any(dim.maximum is not None and sizes[dim.name] > dim.maximum for dim in dims):
            return
        others = list(leaves)
        for name, size in sizes.items():
            for axis in axes[name]:
                wanted = size if axis.derived is None else axis.derived(size)
                others[axis.leaf] = resized(others[axis.leaf], axis.axis, wanted)
        yield sizes, *pytree.tree_unflatten(others, structure)


def _counted(model: Any, args: Any, kwargs: Any) -> int | None:
    """Return torch's count of a run, with attention in terms of products: a CPU has no formula."""
    args, kwargs = pytree.tree_map_only(torch.Tensor, torch.clone, (args, kwargs))
    torch.backends.mha.set_fastpath_enabled(False)  # it has no formula either
    counter = FlopCounterMode(display=False)
    try:
        with torch.no_grad(), set_stance("force_eager"), sdpa_kernel(SDPBackend.MATH), counter:
            model(*args, **kwargs)
    except Exception:
        return None
    return int(counter.get_total_flops())
