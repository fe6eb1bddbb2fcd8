"""`assertion`: what a program can check itself, in place of an `assert` or a `raise` that depends
on the data of a tensor; else a check that is left out while exporting.

Of the remedy, `location` is the expression whose truth Python asks for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from export_lsp.fixes.branching import statement_edits
from export_lsp.fixes.branching.if_rewrite import Rewritten
from export_lsp.fixes.branching.tensor_tests import Decision, decisions
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source

GROUP = "the assertion"


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    found = list(decisions(source, remedy.location))
    for test in found:
        if isinstance(test.of, (ast.Assert, ast.If)):
            yield from _asserted(source, test, test.of)
    for test in found[:1]:
        if isinstance(test.of, (ast.Assert, ast.If)):
            yield from _left_out(source, test.of)


def _asserted(source: Source, test: Decision, node: ast.Assert | ast.If) -> Iterator[Candidate]:
    """``torch._assert_async``, of ATen: the program has the check."""
    if isinstance(node, ast.If):
        if len(node.body) != 1 or node.orelse or not isinstance(node.body[0], ast.Raise):
            return
        raised = node.body[0].exc
        message = raised.args[0] if isinstance(raised, ast.Call) and raised.args else None
        condition, first = test.fails, [f"if {' and '.join(test.first)}:"] if test.first else []
    else:
        message, condition = node.msg, test.holds
        first = [f"assert {' and '.join(test.first)}"] if test.first else []
    told = f", {source.text_of(message)}" if _is_text(message) else ""
    named = with_torch(source, source.location_of(node), f"torch._assert_async({condition}{told})")
    if named is None:
        return
    code, imports = named
    lines = [*first, f"    {code}" if first and isinstance(node, ast.If) else code]
    edits = statement_edits.edits(source, node, Rewritten((), node), lines)
    if edits is not None:
        yield Candidate(
            f"Check `{condition}` with `torch._assert_async`",
            (*imports, *edits),
            rewrites=True,
            group=GROUP,
        )


def _is_text(node: ast.expr | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _left_out(source: Source, node: ast.Assert | ast.If) -> Iterator[Candidate]:
    """The check as it is, but for exports."""
    start = source.location_of(node.test).start
    here = Location(source.path, start, start)
    exporting = "torch.compiler.is_exporting()"
    asserts = isinstance(node, ast.Assert)
    named = with_torch(source, here, f"{exporting} or " if asserts else f"not {exporting} and ")
    if named is None:
        return
    text, imports = named
    edits = [Edit(here, text)]
    if isinstance(node.test, (ast.BoolOp, ast.IfExp, ast.NamedExpr, ast.Lambda)):
        end = source.location_of(node.test).end
        edits = [Edit(here, f"{text}("), Edit(Location(source.path, end, end), ")")]
    yield Candidate(
        "Leave this check out while exporting", (*imports, *edits), rewrites=True, group=GROUP
    )
