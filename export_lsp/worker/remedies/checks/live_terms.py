"""Finds how user code names the symbolic sizes and numbers in a frame's local variables."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import sympy
import torch

from export_lsp.worker.private import symbolic_shapes

NAME = re.compile(r"[^\W\d]\w*")

# How deep containers are searched, and how many of their items.
MAX_DEPTH = 2
MAX_ITEMS = 8


def terms(variables: Mapping[str, Any], near: str) -> list[tuple[sympy.Expr, str]]:
    """Return the symbolic sizes and numbers that variables hold, with their texts.

    Args:
        variables: The local variables by name.
        near: The text of the failing expression.

    Returns:
        Pairs such as (u0, "mask.shape[0]"): first those of variables that `near` mentions, then
        the rest; in each part the simplest texts first.
    """
    mentioned = set(NAME.findall(near))
    found = [
        (expression, text)
        for name, value in variables.items()
        if name.isidentifier()
        for expression, text in _terms_in(value, name, MAX_DEPTH)
    ]
    return sorted(
        found,
        key=lambda term: (
            NAME.findall(term[1])[0] not in mentioned,
            _steps(term[1]),
            len(term[1]),
        ),
    )


def _steps(text: str) -> int:
    return text.count(".") + text.count("[")


def _terms_in(value: Any, text: str, depth: int) -> Iterator[tuple[sympy.Expr, str]]:
    expression = symbolic_shapes.expression_of(value)
    if expression is not None:
        yield expression, text
    elif isinstance(value, torch.Tensor):
        for axis, size in enumerate(value.shape):
            yield from _terms_in(size, f"{text}.shape[{axis}]", 0)
    elif depth:
        for part_text, part in _parts(value, text):
            yield from _terms_in(part, part_text, depth - 1)


def _parts(value: Any, text: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        for name in value._fields:
            yield f"{text}.{name}", getattr(value, name)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value[:MAX_ITEMS]):
            yield f"{text}[{index}]", item
    elif isinstance(value, dict):
        for key, item in list(value.items())[:MAX_ITEMS]:
            if isinstance(key, (str, int)):
                yield f"{text}[{key!r}]", item
    elif isinstance(value, torch.nn.Module) or dataclasses.is_dataclass(value):
        for name, item in list(getattr(value, "__dict__", {}).items()):
            if not name.startswith("_") and not isinstance(item, torch.nn.Module):
                yield f"{text}.{name}", item
