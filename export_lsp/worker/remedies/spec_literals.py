"""`replace`: the items of the tuple, list or dict that dynamic_shapes is written as."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from export_lsp.protocol import Location, Remedy, Replacement
from export_lsp.source import Source
from export_lsp.worker.remedies.dynamic_shapes import GROUP


def convert_keys_to_numbers(source: Source | None, place: Location) -> Iterator[Remedy]:
    """The numbers of dimensions for their strings in the dict that is written at a place."""
    node = source.expression_at(place) if source is not None else None
    if source is None or not isinstance(node, ast.Dict):
        return
    parts = [
        Replacement(source.location_of(each), str(int(each.value)))
        for each in node.keys
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.isdigit()
    ]
    title = "Write the dimensions as numbers"
    for first, *others in [parts] if parts else []:
        yield Remedy("replace", first.location, first.text, tuple(others), GROUP, title)


def rename_key(source: Source, place: Location, name: str) -> Iterator[Remedy]:
    """The name of an input instead of the string at a place."""
    quote = source.excerpt(place)[:1]
    if quote in ("'", '"'):
        yield Remedy("replace", place, f"{quote}{name}{quote}", group=GROUP)


def append_items(
    source: Source, place: Location, items: Sequence[str], title: str
) -> Iterator[Remedy]:
    """Further items for the tuple, list or dict that is written at a place."""
    node = source.expression_at(place)
    last: ast.expr | None = None
    if isinstance(node, ast.Dict) and node.values:
        last = node.values[-1]
    elif isinstance(node, (ast.Tuple, ast.List)) and node.elts:
        last = node.elts[-1]
    if last is None:
        return
    end = source.location_of(last).end
    after = source.text[source.offset(end) :]
    comma = after.lstrip().startswith(",")
    if comma:
        end = source.position_at(source.offset(end) + after.index(",") + 1)
    text = f" {', '.join(items)}" if comma else f", {', '.join(items)}"
    yield Remedy("replace", Location(place.file, end, end), text, (), GROUP, title)


def drop_items(source: Source, place: Location, kept: int, title: str) -> Iterator[Remedy]:
    """The first items only of the tuple or list that is written at a place."""
    node = source.expression_at(place)
    if isinstance(node, (ast.Tuple, ast.List)) and 1 <= kept < len(node.elts):
        start, end = (
            source.location_of(node.elts[kept - 1]).end,
            source.location_of(node.elts[-1]).end,
        )
        text = "," if kept == 1 and isinstance(node, ast.Tuple) else ""
        yield Remedy("replace", Location(place.file, start, end), text, (), GROUP, title)
