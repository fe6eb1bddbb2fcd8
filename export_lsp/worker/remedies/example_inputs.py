"""`replace`: example inputs in the form that torch takes."""

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


def wrap_in_tuple(source: Source | None, location: Location) -> Iterator[Remedy]:
    """Write `(x,)` for `x`, and `(x, y)` for `[x, y]`."""
    node = source.expression_at(location) if source is not None else None
    if source is None or node is None:
        return
    text = source.excerpt(location)
    start, end = source.offset(location.start), source.offset(location.end)
    if isinstance(node, ast.List):
        inside = text[1:-1].rstrip().removesuffix(",")
        comma = "," if len(node.elts) == 1 else ""
        yield Remedy("replace", location, f"({inside}{comma})", group=GROUP)
    elif source.text[:start].endswith("(") and source.text[end:].startswith(")"):
        after = Location(location.file, location.end, location.end)
        title = f"Make it a tuple: `({text},)`"
        yield Remedy("replace", after, ",", group=GROUP, title=title)
    else:
        yield Remedy("replace", location, f"({text},)", group=GROUP)


def rename_keyword(
    source: Source | None, location: Location, name: str, known: Iterable[str]
) -> Iterator[Remedy]:
    """Replace the key at a location, `name`, by the most similar of the `known` parameters."""
    for likely in difflib.get_close_matches(name, list(known), 1, 0.4):
        if source is not None:
            yield from spec_literals.rename_key(source, location, likely)


def unused_parameters(model: Any, used: Iterable[str]) -> list[str]:
    """Return forward's parameters that the inputs do not name; none without a signature."""
    try:
        known = inspect.signature(model.forward).parameters
    except (TypeError, ValueError):
        return []
    return [name for name in known if name not in set(used)]
