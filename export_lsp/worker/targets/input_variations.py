"""Variations of a target's example inputs.

On the example inputs a branch goes one way only.  The variations let a comparison of two models
cover other values and sizes as well: none selected, all selected, the smallest and the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from export_lsp.worker.targets.shape_entry import ShapeEntry

Vary = Callable[[torch.Tensor], torch.Tensor]

# A size of 1 is a constant for torch, whatever the fix.
SMALLEST_SIZE = 2

# The names of the `VALUES` that are the same in all places.
CONSTANT = ("zero", "one", "lowest", "highest", "repeated")


# The number of a leaf, an axis and a size, for each size that differs.
Sizes = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Variation:
    """Other example inputs, described so that two processes can make the same.

    Attributes:
        values: The name of the function in `VALUES` that makes other values; "" for the example's.
        leaf: The number of the only leaf that gets them; None for all.
        sizes: Sizes other than the example's: the number of the leaf, the axis, and the size.
        promised: True if dynamic_shapes declares that these dimensions vary; a hint such as
            ``Dim.AUTO`` leaves that to export.
    """

    values: str = ""
    leaf: int | None = None
    sizes: Sizes = ()
    promised: bool = False

    def of(self, leaves: Sequence[Any]) -> list[Any]:
        """Return the leaves of the inputs, varied."""
        varied = list(leaves)
        with torch.no_grad():
            for index, axis, size in self.sizes:
                varied[index] = _resized(varied[index], axis, size)
            if self.values:
                for index, value in enumerate(varied):
                    if isinstance(value, torch.Tensor) and self.leaf in (None, index):
                        varied[index] = _natural(VALUES[self.values](value), value)
        return varied

    @property
    def is_constant(self) -> bool:
        """True if the elements of a tensor are all the same.

        A size that depends on them is often 0 or 1 then, which torch may not allow for.
        """
        return self.values in CONSTANT


EXAMPLE = Variation()


def variations(leaves: Sequence[Any], entries: Iterable[ShapeEntry]) -> Iterator[Variation]:
    """Yield variations of example inputs, the example itself first.

    Args:
        leaves: The leaves of the inputs.
        entries: What dynamic_shapes declares for them.
    """
    yield EXAMPLE
    tensors = [index for index, leaf in enumerate(leaves) if isinstance(leaf, torch.Tensor)]
    only: list[int | None] = [None, *(tensors if len(tensors) > 1 else ())]
    resized = list(_resizings(entries))
    yield from resized
    for name in VALUES:
        yield from (Variation(name, leaf) for leaf in only)
    for variation in resized:
        yield from (replace(variation, values=name) for name in ("zero", "random"))


def _resizings(entries: Iterable[ShapeEntry]) -> Iterator[Variation]:
    """Yield other sizes: each dynamic dimension smaller and larger, then all of them."""
    groups: dict[Any, list[ShapeEntry]] = {}
    for entry in entries:
        if entry.axis is not None and entry.size is not None:
            root = getattr(entry.dim, "root", entry.dim)
            groups.setdefault(getattr(root, "__name__", entry.size), []).append(entry)
    for change in (lambda size: size + 1, lambda size: size * 2, lambda size: size // 2):
        chosen = [
            Variation(sizes=tuple(_with_size(group, change)), promised=isinstance(name, str))
            for name, group in groups.items()
            if _fits(group, change)
        ]
        yield from chosen
        if len(chosen) > 1:
            together = tuple(size for each in chosen for size in each.sizes)
            yield Variation(sizes=together, promised=all(each.promised for each in chosen))


def _fits(group: Sequence[ShapeEntry], change: Callable[[int], int]) -> bool:
    """Return whether a changed size of a group's Dim lies in its range."""
    size = change(_root_size(group))
    dim = getattr(group[0].dim, "root", group[0].dim)
    least, most = (getattr(dim, bound, None) for bound in ("min", "max"))
    lower = max(least if isinstance(least, int) else 0, SMALLEST_SIZE)
    return lower <= size and not (isinstance(most, int) and size > most)


def _with_size(
    group: Sequence[ShapeEntry], change: Callable[[int], int]
) -> Iterator[tuple[int, int, int]]:
    size = change(_root_size(group))
    for entry in group:
        derived = getattr(entry.dim, "fn", None)
        assert entry.axis is not None
        yield entry.leaf, entry.axis, derived(size) if derived is not None else size


def _root_size(group: Sequence[ShapeEntry]) -> int:
    """Return the example's size of the Dim that the group's entries are derived from."""
    plain = [entry.size for entry in group if not hasattr(entry.dim, "root")]
    return next((size for size in plain if size is not None), 0)


def _natural(varied: torch.Tensor, tensor: torch.Tensor) -> torch.Tensor:
    """Return integers that are not negative unless the example's are: they count or number."""
    if tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool:
        return varied
    return varied.clamp(min=min(int(tensor.min()), 0)) if tensor.numel() else varied


def _resized(tensor: torch.Tensor, axis: int, size: int) -> torch.Tensor:
    """Return a tensor with another size along an axis: its own slices, again from the first."""
    if not tensor.shape[axis]:
        return tensor.new_zeros((*tensor.shape[:axis], size, *tensor.shape[axis + 1 :]))
    return tensor.index_select(axis, torch.arange(size, device=tensor.device) % tensor.shape[axis])


def _mirrored(tensor: torch.Tensor) -> torch.Tensor:
    """Return values with the opposite sign; integers are mirrored within their own range."""
    if tensor.dtype == torch.bool:
        return ~tensor
    if tensor.is_floating_point() or tensor.is_complex():
        return -tensor
    return tensor.max() + tensor.min() - tensor if tensor.numel() else tensor


def _enlarged(tensor: torch.Tensor) -> torch.Tensor:
    return tensor * 10 if tensor.is_floating_point() else tensor


def _lowest(tensor: torch.Tensor) -> torch.Tensor:
    return _filled(tensor, torch.amin)


def _highest(tensor: torch.Tensor) -> torch.Tensor:
    return _filled(tensor, torch.amax)


def _filled(tensor: torch.Tensor, choose: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    known = tensor.numel() and not tensor.is_complex()
    return choose(tensor).expand_as(tensor).clone() if known else tensor


def _repeated(tensor: torch.Tensor) -> torch.Tensor:
    """Return the first slice along the first axis in place of all others."""
    return tensor[:1].expand_as(tensor).clone() if tensor.dim() and tensor.shape[0] else tensor


def _shuffled(tensor: torch.Tensor) -> torch.Tensor:
    order = torch.randperm(tensor.numel(), generator=torch.Generator().manual_seed(1))
    return tensor.flatten()[order.to(tensor.device)].reshape(tensor.shape)


def _random(tensor: torch.Tensor) -> torch.Tensor:
    """Return random values between the smallest and the largest."""
    if not tensor.numel() or tensor.is_complex():
        return tensor
    source = torch.Generator().manual_seed(2)
    if tensor.is_floating_point():
        return torch.randn(tensor.shape, generator=source).to(tensor)
    low, high = int(tensor.min()), int(tensor.max())
    return torch.randint(low, high + 1, tensor.shape, generator=source).to(tensor)


def _half_zero(tensor: torch.Tensor) -> torch.Tensor:
    """Return zeros in every second place."""
    flat = tensor.flatten().clone()
    flat[::2] = 0
    return flat.reshape(tensor.shape)


def _with_nan(tensor: torch.Tensor) -> torch.Tensor:
    """Return a NaN in the first place."""
    flat = tensor.flatten().clone()
    if tensor.is_floating_point():
        flat[:1] = torch.nan
    return flat.reshape(tensor.shape)


def _doubled(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.dtype == torch.bool else tensor * 2


def _less(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.dtype == torch.bool else tensor - 1


def _more(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.dtype == torch.bool else tensor + 1


VALUES: Mapping[str, Vary] = {
    "mirrored": _mirrored,
    "enlarged": _enlarged,
    "zero": torch.zeros_like,
    "one": torch.ones_like,
    "negative": lambda tensor: -tensor.abs() if tensor.is_floating_point() else tensor,
    "positive": lambda tensor: tensor.abs() if tensor.is_floating_point() else tensor,
    "lowest": _lowest,
    "highest": _highest,
    "repeated": _repeated,
    "doubled": _doubled,
    "less": _less,
    "more": _more,
    "half zero": _half_zero,
    "with nan": _with_nan,
    "shuffled": _shuffled,
    "random": _random,
}
