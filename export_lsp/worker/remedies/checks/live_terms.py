"""What sizes and numbers are called where a trace stands: local variables, and what is in them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import sympy
import torch

from export_lsp.worker.private import symbolic_shapes

NAME = re.compile(r"[^\W\d]\w*")

# Containers are looked into so deep, and so far.
DEPTH = 2
WIDTH = 8


def terms(variables: Mapping[str, Any], near: str) -> list[tuple[sympy.Expr, str]]:
    """Every symbolic size and number in reach with its text, the simplest texts first; before them
    those of the variables that the text `near` mentions."""
    mentioned = set(NAME.findall(near))
    found = [
        (expression, text)
        for name, value in variables.items()
        if name.isidentifier()
        for expression, text in _in(value, name, DEPTH)
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


def _in(value: Any, text: str, depth: int) -> Iterator[tuple[sympy.Expr, str]]:
    expression = symbolic_shapes.expression_of(value)
    if expression is not None:
        yield expression, text
    elif isinstance(value, torch.Tensor):
        for axis, size in enumerate(value.shape):
            yield from _in(size, f"{text}.shape[{axis}]", 0)
    elif depth:
        for part, inner in _parts(value, text):
            yield from _in(inner, part, depth - 1)


def _parts(value: Any, text: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        for name in value._fields:
            yield f"{text}.{name}", getattr(value, name)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value[:WIDTH]):
            yield f"{text}[{index}]", item
    elif isinstance(value, dict):
        for key, item in list(value.items())[:WIDTH]:
            if isinstance(key, (str, int)):
                yield f"{text}[{key!r}]", item
    elif isinstance(value, torch.nn.Module) or dataclasses.is_dataclass(value):
        for name, item in list(getattr(value, "__dict__", {}).items()):
            if not name.startswith("_") and not isinstance(item, torch.nn.Module):
                yield f"{text}.{name}", item
