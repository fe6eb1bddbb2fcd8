"""Shown types, evaluated at the example's sizes and compared with those in eager mode."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from export_lsp.protocol import Value
from tests.insight.eager_sizes import EagerSizes
from tests.internal_terms import SIZES

TYPE = re.compile(r"(?P<dtype>\w+)\[(?P<sizes>[^\[\]]*(?:\[[^\]]*\][^\[\]]*)*)\]")
# A size that no name is known for.
UNKNOWN = "?"
# A size that is named after the variable that has it.
OWN_SIZE = re.compile(r"(?P<name>\w+)\.shape\[(?P<axis>\d+)\]")


@dataclass
class Comparison:
    """The comparison of shown values with eager mode.

    `wrong` and `missing` describe the places, `assignments` counts those of tensors that eager mode
    executed and `valued` those among them that have a value.
    """

    shown: int = 0
    compared: int = 0
    assignments: int = 0
    valued: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)

    def add(self, other: Comparison) -> None:
        """Add the counts and the places of another comparison."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def compare(values: list[Value], sizes: EagerSizes, *, complete: bool) -> Comparison:
    """Compare the values of a target with eager mode; a trace that is not complete has fewer."""
    result = Comparison(shown=len(values))
    by_place = {(value.location, value.name): value for value in values}
    for value in values:
        if SIZES.search(value.text):
            result.unnamed.append(_described(value))
        types = sizes.types.get((value.location, value.name))
        if types is None:
            continue
        result.compared += 1
        try:
            agrees = _agrees(value, types, sizes)
        except Exception as error:
            result.wrong.append(f"{_described(value)}: {error!r}")
            continue
        calls = sizes.calls[value.location, value.name]
        if not agrees or (value.calls != calls if complete else value.calls > calls):
            result.wrong.append(f"{_described(value)} is {types[:4]} ×{calls}")
    for location, name in sizes.types:
        if name:
            result.assignments += 1
            if (location, name) in by_place:
                result.valued += 1
            else:
                result.missing.append(f"{location.file}:{location.start.line + 1}: {name}")
    return result


def _described(value: Value) -> str:
    place = f"{value.location.file}:{value.location.start.line + 1}"
    return f"{place}: {value.name}: {value.text} ×{value.calls}"


def _agrees(value: Value, types: list[tuple[str, tuple[int, ...]]], sizes: EagerSizes) -> bool:
    """Return whether the alternatives of a type are those that eager mode has."""
    shown: dict[tuple[str, int], list[set[Any]]] = {}
    for match in TYPE.finditer(value.text):
        axes = list(_split(match["sizes"]))
        evaluated = [set(_evaluated(axis, value.function, sizes)) for axis in axes]
        shown[match["dtype"], len(axes)] = evaluated
    actual: dict[tuple[str, int], list[set[Any]]] = {}
    for dtype, shape in types:
        axes_of = actual.setdefault((dtype, len(shape)), [set() for _ in shape])
        for known, size in zip(axes_of, shape, strict=True):
            known.add(size)
    if "…" not in value.text and UNKNOWN not in value.text:
        return shown == actual
    return all(
        key in actual
        and all(few - {...} <= all_ for few, all_ in zip(axes, actual[key], strict=True))
        for key, axes in shown.items()
    )


def _split(sizes: str) -> Iterator[str]:
    """Yield the sizes of a type; those that call a function have commas of their own."""
    pending = ""
    for part in sizes.split(", ") if sizes else ():
        pending = f"{pending}, {part}" if pending else part
        if pending.count("(") == pending.count(")"):
            yield pending
            pending = ""


def _evaluated(axis: str, function: str, sizes: EagerSizes) -> Iterator[Any]:
    """Yield the values of the alternatives of a size."""
    local = {
        name: next(iter(numbers))
        for (where, name), numbers in sorted(
            sizes.integers.items(), key=lambda item: item[0][0] == function
        )
        if len(numbers) == 1
    }
    names = {
        "max": max,
        "min": min,
        "round": round,
        "math": math,
        "torch": torch,
        **sizes.inputs,
        **local,
        **sizes.dims,
    }
    for text, numbers in sizes.expressions.items():
        if "(" in text and len(numbers) == 1:
            axis = axis.replace(text, str(*numbers))
    for text in axis.split("|"):
        if (own := OWN_SIZE.fullmatch(text)) and own["name"] not in sizes.inputs:
            yield from _sizes_of(own["name"], int(own["axis"]), sizes)
        else:
            yield ... if text in ("…", UNKNOWN) else eval(text, {"__builtins__": {}}, names)


def _sizes_of(name: str, axis: int, sizes: EagerSizes) -> Iterator[int]:
    """Yield the sizes that a variable had along an axis."""
    for (_, known), types in sizes.types.items():
        if known == name:
            yield from (shape[axis] for _, shape in types if axis < len(shape))
