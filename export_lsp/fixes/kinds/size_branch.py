"""`size-branch`: write a branch on a size or a number from data without the branch.

One that limits a number is a `min` or `max`, one that cuts a tensor a slice.  One for the case that
nothing is there may not be needed, as most operators take empty tensors: whether that is so, a
trial has to show on both sides.
Of the remedy, `location` is the expression that needs the answer.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.branching.clamp import clamp, limit
from export_lsp.fixes.branching.emptiness import nonempty_truth
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.deletion import deletion, unwrapped
from export_lsp.fixes.placement.node_path import path_to
from export_lsp.fixes.placement.text_layout import layout_of
from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source

GROUP = "the branch"


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield the branch as a limit, then as the side where something is there."""
    source = sources[remedy.location.file]
    node = _branch(source, remedy.location)
    if isinstance(node, ast.If):
        yield from _limited(source, node)
        yield from _statement_dropped(source, node)
    elif node is not None:
        yield from _of_expression(source, node)


def _branch(source: Source, location: Location) -> ast.If | ast.IfExp | None:
    """Return the branch whose test has the expression at a location and no other condition."""
    for node in source.enclosing(location):
        if isinstance(node, (ast.If, ast.IfExp)):
            tested = source.location_of(node.test)
            return node if tested.start <= location.start < tested.end else None
        if isinstance(node, (ast.BoolOp, ast.Lambda, ast.stmt)):
            return None
    return None


def _limited(source: Source, node: ast.If) -> Iterator[Candidate]:
    found = limit(node)
    if found is not None and not _is_elif(source, node):
        line = f"{source.text_of(found.target)} = {found.value}"
        yield Candidate(
            f"Replace the branch with `{line}`",
            (Edit(source.location_of(node), line),),
            rewrites=True,
            group=GROUP,
            needs_both_sides=found.counts,
        )


def _is_elif(source: Source, node: ast.If) -> bool:
    return source.text.startswith("elif", source.offset(source.location_of(node).start))


def _statement_dropped(source: Source, node: ast.If) -> Iterator[Candidate]:
    """Yield the `if` replaced by its block for the case that something is there."""
    path, layout = path_to(source, source.location_of(node)), layout_of(source)
    truth = nonempty_truth(node.test)
    if path is None or layout is None or truth is None or path.statement is not node:
        return
    block = node.body if truth else node.orelse
    if block:
        edit = unwrapped(source, layout, path, block)
    else:
        edit = None if _is_elif(source, node) else deletion(source, layout, path)
    if edit is not None:
        title = f"Drop the branch `if {source.text_of(node.test)}`"
        yield Candidate(title, (edit,), rewrites=True, group=GROUP, needs_both_sides=True)


def _of_expression(source: Source, node: ast.IfExp) -> Iterator[Candidate]:
    place, text = source.location_of(node), source.text_of(node)
    call = clamp(node.test, node.body, node.orelse)
    if call is not None:
        title = f"Replace `{text}` with `{call}`"
        yield Candidate(title, (Edit(place, call),), rewrites=True, group=GROUP)
    truth = nonempty_truth(node.test)
    value = node.body if truth else node.orelse
    if truth is not None and not isinstance(value, ast.Constant):
        kept = source.text_of(value)
        title = f"Replace `{text}` with `{kept}`"
        edit = Edit(place, kept)
        yield Candidate(title, (edit,), rewrites=True, group=GROUP, needs_both_sides=True)
