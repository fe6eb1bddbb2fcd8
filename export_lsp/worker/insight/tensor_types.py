"""The types of tensors as text: ``f32[batch, seq, 64|128]``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from export_lsp.worker.insight.trace_notes import NotedTensor
from export_lsp.worker.private import dtype_names

# Of the sizes that one dimension had in different calls, at most this many are written.
ALTERNATIVES = 3
MORE = "…"


def type_text(tensors: Sequence[NotedTensor], size_text: Callable[[Any], str]) -> str:
    """Return the type of a name as text, given the tensors that it had in different calls.

    Sizes that differ are joined by ``|``, and so are tensors of different dtypes or ranks.
    """
    groups: dict[tuple[torch.dtype, int], list[NotedTensor]] = {}
    for tensor in tensors:
        groups.setdefault((tensor.dtype, len(tensor.sizes)), []).append(tensor)
    return _joined(
        f"{dtype_names.short(dtype)}[{', '.join(_sizes(group, size_text))}]"
        for (dtype, _), group in groups.items()
    )


def _sizes(tensors: Sequence[NotedTensor], size_text: Callable[[Any], str]) -> Iterable[str]:
    for sizes in zip(*(tensor.sizes for tensor in tensors), strict=True):
        yield _joined(map(size_text, sizes))


def _joined(texts: Iterable[str]) -> str:
    """Join different texts, in the order in which they come."""
    different = list(dict.fromkeys(texts))
    if len(different) > ALTERNATIVES:
        different = [*different[:ALTERNATIVES], MORE]
    return "|".join(different)
