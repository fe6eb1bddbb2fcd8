"""`replace`: keys and items of the tuple, list or dict that dynamic_shapes is written as."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from export_lsp.protocol import Location, Remedy, Replacement
from export_lsp.source import Source
from export_lsp.worker.remedies.dynamic_shapes import GROUP


def convert_keys_to_numbers(source: Source | None, location: Location) -> Iterator[Remedy]:
    """Write the dimensions in a dict as numbers instead of strings: `0` for `"0"`."""
    node = source.expression_at(location) if source is not None else None
    if source is None or not isinstance(node, ast.Dict):
        return
    parts = [
        Replacement(source.location_of(key), str(int(key.value)))
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isdigit()
    ]
    title = "Write the dimensions as numbers"
    for first, *others in [parts] if parts else []:
        yield Remedy("replace", first.location, first.text, tuple(others), GROUP, title)


def rename_key(source: Source, location: Location, name: str) -> Iterator[Remedy]:
    """Replace the string at a location by another name, in the same quotes."""
    quote = source.excerpt(location)[:1]
    if quote in ("'", '"'):
        yield Remedy("replace", location, f"{quote}{name}{quote}", group=GROUP)


def append_items(
    source: Source, location: Location, items: Sequence[str], title: str
) -> Iterator[Remedy]:
    """Append items to a tuple, list or dict that is not empty."""
    node = source.expression_at(location)
    last: ast.expr | None = None
    if isinstance(node, ast.Dict) and node.values:
        last = node.values[-1]
    elif isinstance(node, (ast.Tuple, ast.List)) and node.elts:
        last = node.elts[-1]
    if last is None:
        return
    end = source.location_of(last).end
    after = source.text[source.offset(end) :]
    has_comma = after.lstrip().startswith(",")
    if has_comma:
        end = source.position_at(source.offset(end) + after.index(",") + 1)
    text = f" {', '.join(items)}" if has_comma else f", {', '.join(items)}"
    yield Remedy("replace", Location(location.file, end, end), text, (), GROUP, title)


def drop_items(source: Source, location: Location, kept: int, title: str) -> Iterator[Remedy]:
    """Drop the items of a tuple or list after the first `kept`."""
    node = source.expression_at(location)
    if isinstance(node, (ast.Tuple, ast.List)) and 1 <= kept < len(node.elts):
        start = source.location_of(node.elts[kept - 1]).end
        end = source.location_of(node.elts[-1]).end
        text = "," if kept == 1 and isinstance(node, ast.Tuple) else ""
        yield Remedy("replace", Location(location.file, start, end), text, (), GROUP, title)
