"""`branch`: a choice with ``torch.where`` or ``torch.cond`` in place of a branch on a tensor.

Of the remedy, `location` is the expression whose truth Python asks for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from export_lsp.fixes.branching import statement_edits
from export_lsp.fixes.branching.if_rewrite import Branch, rewritten, values
from export_lsp.fixes.branching.selection import chosen, operators
from export_lsp.fixes.branching.tensor_tests import Decision, decisions
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.node_path import Around, around
from export_lsp.fixes.placement.scopes import available, bindings, parameters
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy
from export_lsp.source import Source

# Longer code does not belong into a title.
TITLE = 90

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    for test in decisions(source, remedy.location):
        written = _of_statement if isinstance(test.of, ast.If) else _of_expression
        for code, edits in written(source, test):
            line = code.split("\n")[-1].strip()
            instead = f" `{line}`" if len(line) <= TITLE else " a choice between both values"
            title = f"Replace the branch with{instead}"
            yield Candidate(title, edits, rewrites=True, group="the branch")


def _of_expression(source: Source, test: Decision) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    node = test.of
    if not isinstance(node, ast.IfExp):
        return
    place = source.location_of(node)
    for operator in operators(node.body, node.orelse):
        [code, *more] = chosen(source, operator, test, node.body, node.orelse)
        named = with_torch(source, place, code)
        if named is None or more:
            continue
        text, imports = named
        if test.first:
            other = source.text_of(node.orelse)
            text = f"({text} if {' and '.join(test.first)} else {other})"
        yield text, (*imports, Edit(place, text))


def _of_statement(source: Source, test: Decision) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    node = test.of
    there = around(source, source.location_of(node)) if isinstance(node, ast.If) else None
    if there is None or not isinstance(node, ast.If) or there.statement is not node:
        return
    branch = Branch(source, node, _after(there), _known(there, node), _given(there))
    for operator in operators(*values(branch)):
        result = rewritten(branch, test, operator)
        if result is None:
            continue
        named = with_torch(source, source.location_of(node), "\n".join(result.lines))
        if named is not None:
            code, imports = named
            edits = statement_edits.edits(source, node, result, code.split("\n"))
            if edits is not None:
                yield code, (*imports, *edits)


def _after(there: Around) -> Sequence[ast.stmt]:
    """The statements of a block after the one that is looked at."""
    return there.block[there.block.index(there.statement) + 1 :]


def _known(there: Around, node: ast.If) -> frozenset[str]:
    return frozenset(name for name, _ in bindings([node]) if available(name, there))


def _given(there: Around) -> frozenset[str]:
    functions = [node for node in there.outer if isinstance(node, FUNCTIONS)]
    return frozenset(parameters(functions[-1].args) if functions else ())
