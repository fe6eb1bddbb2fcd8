"""``torch.utils._dtype_abbrs``: the short names of dtypes, as ``print_readable`` writes them.

Seen in torch 2.9 to 2.14 (in torch 2.6 the table is in ``torch.fx.graph``).  Without it a dtype has
its long name.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping

import torch

_TABLES = (("torch.utils._dtype_abbrs", "dtype_abbrs"), ("torch.fx.graph", "dtype_abbrs"))


def short(dtype: torch.dtype) -> str:
    """Return the short name of a dtype: "f32"."""
    return _table().get(dtype) or str(dtype).removeprefix("torch.")


@functools.cache
def _table() -> Mapping[torch.dtype, str]:
    for module, name in _TABLES:
        try:
            return dict(getattr(importlib.import_module(module), name))
        except (ImportError, AttributeError):
            continue
    return {}
