"""`replace`: example inputs as torch takes them."""

from __future__ import annotations

import ast
import difflib
import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source
from export_lsp.worker.remedies import spec_literals

GROUP = "the inputs"


def wrap_in_tuple(source: Source | None, place: Location) -> Iterator[Remedy]:
    """`(x,)` for `x`, `(x, y)` for `[x, y]`."""
    node = source.expression_at(place) if source is not None else None
    if source is None or node is None:
        return
    text = source.excerpt(place)
    start, end = source.offset(place.start), source.offset(place.end)
    if isinstance(node, ast.List):
        inside = text[1:-1].rstrip().removesuffix(",")
        comma = "," if len(node.elts) == 1 else ""
        yield Remedy("replace", place, f"({inside}{comma})", group=GROUP)
    elif source.text[:start].endswith("(") and source.text[end:].startswith(")"):
        after = Location(place.file, place.end, place.end)
        title = f"Make it a tuple: `({text},)`"
        yield Remedy("replace", after, ",", group=GROUP, title=title)
    else:
        yield Remedy("replace", place, f"({text},)", group=GROUP)


def rename_keyword(
    source: Source | None, place: Location, name: str, known: Iterable[str]
) -> Iterator[Remedy]:
    """The parameter that a name is most like."""
    for likely in difflib.get_close_matches(name, list(known), 1, 0.4):
        if source is not None:
            yield from spec_literals.rename_key(source, place, likely)


def unused_parameters(model: Any, but: Iterable[str]) -> list[str]:
    """The names of forward's parameters that the inputs do not have."""
    try:
        known = inspect.signature(model.forward).parameters
    except (TypeError, ValueError):
        return []
    return [name for name in known if name not in set(but)]
