"""`assertion`: replace an `assert` or a `raise` that depends on a tensor's values.

The exported program can check the condition itself, with ``torch._assert_async``; else the check
is left out while exporting.  Of the remedy, `location` is the expression whose truth Python asks
for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from export_lsp.fixes.branching.if_rewrite import Rewrite
from export_lsp.fixes.branching.statement_edits import replace_statement
from export_lsp.fixes.branching.tensor_tests import TensorTest, tensor_tests
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source

GROUP = "the assertion"


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield the assertion for each way to read the test, then the check left out."""
    source = sources[remedy.location.file]
    tests = list(tensor_tests(source, remedy.location))
    for test in tests:
        if isinstance(test.node, ast.Assert):
            yield from _of_assert(source, test, test.node)
        elif isinstance(test.node, ast.If):
            yield from _of_raise(source, test, test.node)
    for test in tests[:1]:
        if isinstance(test.node, (ast.Assert, ast.If)):
            yield from _left_out(source, test.node)


def _of_assert(source: Source, test: TensorTest, node: ast.Assert) -> Iterator[Candidate]:
    """Yield ``torch._assert_async`` for an `assert`."""
    call = _assert_async(source, test.holds, node.msg)
    first = [f"assert {' and '.join(test.python_tests)}"] if test.python_tests else []
    yield from _replaced(source, node, test.holds, [*first, call])


def _of_raise(source: Source, test: TensorTest, node: ast.If) -> Iterator[Candidate]:
    """Yield ``torch._assert_async`` for an `if` that does nothing but raise."""
    if len(node.body) != 1 or node.orelse or not isinstance(node.body[0], ast.Raise):
        return
    raised = node.body[0].exc
    message = raised.args[0] if isinstance(raised, ast.Call) and raised.args else None
    lines = [_assert_async(source, test.fails, message)]
    if test.python_tests:
        lines = [f"if {' and '.join(test.python_tests)}:", f"    {lines[0]}"]
    yield from _replaced(source, node, test.fails, lines)


def _assert_async(source: Source, condition: str, message: ast.expr | None) -> str:
    text = f", {source.text_of(message)}" if _is_text(message) else ""
    return f"torch._assert_async({condition}{text})"


def _is_text(node: ast.expr | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _replaced(
    source: Source, node: ast.Assert | ast.If, condition: str, lines: list[str]
) -> Iterator[Candidate]:
    named = with_torch(source, source.location_of(node), "\n".join(lines))
    if named is None:
        return
    code, imports = named
    edits = replace_statement(source, node, Rewrite((), node), code.split("\n"))
    if edits is not None:
        title = f"Check `{condition}` with `torch._assert_async`"
        yield Candidate(title, (*imports, *edits), rewrites=True, group=GROUP)


def _left_out(source: Source, node: ast.Assert | ast.If) -> Iterator[Candidate]:
    """Yield the check as it is, but skipped while exporting."""
    place = source.location_of(node.test)
    start = Location(source.path, place.start, place.start)
    exporting = "torch.compiler.is_exporting()"
    prefix = f"{exporting} or " if isinstance(node, ast.Assert) else f"not {exporting} and "
    named = with_torch(source, start, prefix)
    if named is None:
        return
    text, imports = named
    edits = [Edit(start, text)]
    if isinstance(node.test, (ast.BoolOp, ast.IfExp, ast.NamedExpr, ast.Lambda)):
        end = Location(source.path, place.end, place.end)
        edits = [Edit(start, f"{text}("), Edit(end, ")")]
    title = "Leave this check out while exporting"
    yield Candidate(title, (*imports, *edits), rewrites=True, group=GROUP)
