"""Proposes names for expressions in the failing statement whose sizes no variable has."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sympy

from export_lsp.protocol import Location, Replacement
from export_lsp.source import Source
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places.symbol_origins import Origin

# The name for the result of an operator that makes a number or a length out of data, by its kind.
NAMES = {"local_scalar_dense": "n", "_unique": "distinct", "bincount": "counts"}
DEFAULT_NAME = "selected"


@dataclass(frozen=True)
class NewName:
    """A symbol, its text in terms of a new name, and the expression that the name replaces."""

    symbol: sympy.Symbol
    text: str
    replacement: Replacement


def new_names(
    symbols: Iterable[sympy.Symbol],
    origins: Mapping[str, Origin],
    frame: Frame,
    source: Source,
    taken: Iterable[str],
) -> Iterator[NewName]:
    """Yield names for the symbols that the statement of a frame makes.

    Args:
        symbols: The unbacked symbols to name.
        origins: Where they were made, by symbol.
        frame: The frame.
        source: The frame's file.
        taken: Names that must not be used; those in the file are not used either.
    """
    statement = _statement(source, frame.location)
    used = {*taken, *(node.id for node in source.nodes if isinstance(node, ast.Name))}
    for symbol in symbols:
        origin = origins.get(str(symbol))
        if origin is None or origin.stack.library is not None or not origin.stack.frames:
            continue
        maker = origin.stack.frames[-1]
        if maker.function != frame.function:
            continue
        location = maker.location
        if location.file != source.path or _statement(source, location) is not statement:
            continue
        if not isinstance(source.expression_at(location), (ast.Call, ast.Subscript)):
            continue
        name = _unused(NAMES.get(origin.kind, DEFAULT_NAME), used)
        used.add(name)
        text = name if origin.kind == "local_scalar_dense" else f"{name}.shape[0]"
        yield NewName(symbol, text, Replacement(location, name))


def _statement(source: Source, location: Location) -> ast.stmt | None:
    return next((n for n in source.enclosing(location) if isinstance(n, ast.stmt)), None)


def _unused(name: str, used: set[str]) -> str:
    numbered = (f"{name}_{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in used)
