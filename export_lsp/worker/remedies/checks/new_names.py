"""Names for expressions inside the failing statement whose sizes no variable has."""

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

# By the kind of operator that makes a number or a length out of data.
NAMES = {"local_scalar_dense": "n", "_unique": "distinct", "bincount": "counts"}
OTHERS = "selected"


@dataclass(frozen=True)
class NewName:
    """A symbol, what it can be called, and the expression that has to get a name for that."""

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
    """Names for the symbols that were made in the statement of a frame."""
    statement = _statement(source, frame.location)
    used = {*taken, *(node.id for node in source.nodes if isinstance(node, ast.Name))}
    for symbol in symbols:
        origin = origins.get(str(symbol))
        made = origin.frames[-1] if origin is not None else None
        if origin is None or made is None or made.function != frame.function:
            continue
        if made.location.file != source.path or _statement(source, made.location) is not statement:
            continue
        if not isinstance(source.expression_at(made.location), (ast.Call, ast.Subscript)):
            continue
        name = _free(NAMES.get(origin.kind, OTHERS), used)
        used.add(name)
        text = name if origin.kind == "local_scalar_dense" else f"{name}.shape[0]"
        yield NewName(symbol, text, Replacement(made.location, name))


def _statement(source: Source, place: Location) -> ast.stmt | None:
    return next((n for n in source.enclosing(place) if isinstance(n, ast.stmt)), None)


def _free(name: str, used: set[str]) -> str:
    numbered = (f"{name}_{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in used)
