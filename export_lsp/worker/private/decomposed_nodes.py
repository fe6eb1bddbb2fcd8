"""``Node.meta["from_node"]`` and torch's tables of decompositions.

A decomposed node keeps the nodes that it was made from, the nearest last in each step.  The tables
are ``torch._decomp.decomposition_table`` and what it is built from.

Seen in torch 2.6 to 2.13.  Without these names a finding does not say which operator a refused one
came from.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch.fx import Node


def origin(node: Node) -> str:
    """Return the operator of the exported program that a node was decomposed from.

    It is written like "aten::linalg_inv"; "" if it is not known.
    """
    sources = node.meta.get("from_node") or ()
    while sources:
        source = sources[0]
        inner = getattr(source, "from_node", None)
        if not inner:
            return _name(getattr(source, "target", ""))
        sources = inner
    return ""


def _name(target: Any) -> str:
    """Return "aten.linalg_inv.default", as torch keeps it, as the name of the operator."""
    parts = str(target).split(".")
    return f"{parts[0]}::{parts[1]}" if len(parts) >= 2 and parts[0].islower() else ""


def decomposition_of(operator: str) -> Callable[..., Any] | None:
    """Return torch's decomposition of an operator, "aten::eye", if it is written in Python."""
    table = getattr(torch._decomp, "decomposition_table", {})
    for overload, function in table.items():
        name = getattr(overload, "name", None)
        if callable(name) and name().partition(".")[0] == operator:
            inner = inspect.unwrap(function)
            return function if isinstance(inner, FunctionType) else None
    return None
