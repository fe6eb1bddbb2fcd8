"""`branch`: choose with ``torch.where`` or ``torch.cond`` in place of a branch on a tensor.

Of the remedy, `location` is the expression whose truth Python asks for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from export_lsp.fixes.branching.if_rewrite import IfStatement, branch_values, without_branch
from export_lsp.fixes.branching.selection import operators, selections
from export_lsp.fixes.branching.statement_edits import replace_statement
from export_lsp.fixes.branching.tensor_tests import TensorTest, tensor_tests
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.node_path import NodePath, path_to
from export_lsp.fixes.placement.scopes import bindings, is_bound, parameters
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy
from export_lsp.source import Source

# Longer code does not fit into a title.
TITLE = 90

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

# The new code, and the edits that write it.
Written = tuple[str, tuple[Edit, ...]]


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield the choice for each way to read the test and each operator that can make it."""
    source = sources[remedy.location.file]
    for test in tensor_tests(source, remedy.location):
        written = _of_statement if isinstance(test.node, ast.If) else _of_expression
        for code, edits in written(source, test):
            line = code.split("\n")[-1].strip()
            shown = f" `{line}`" if len(line) <= TITLE else " a choice between both values"
            title = f"Replace the branch with{shown}"
            yield Candidate(title, edits, rewrites=True, group="the branch")


def _of_expression(source: Source, test: TensorTest) -> Iterator[Written]:
    """Yield the choice for ``yes if test else no``."""
    node = test.node
    if not isinstance(node, ast.IfExp):
        return
    place = source.location_of(node)
    for operator in operators(node.body, node.orelse):
        [code, *more] = selections(source, operator, test, node.body, node.orelse)
        named = with_torch(source, place, code)
        if named is None or more:
            continue
        text, imports = named
        if test.python_tests:
            other = source.text_of(node.orelse)
            text = f"({text} if {' and '.join(test.python_tests)} else {other})"
        yield text, (*imports, Edit(place, text))


def _of_statement(source: Source, test: TensorTest) -> Iterator[Written]:
    """Yield the choice for an `if` statement."""
    node = test.node
    path = path_to(source, source.location_of(node)) if isinstance(node, ast.If) else None
    if path is None or not isinstance(node, ast.If) or path.statement is not node:
        return
    branch = IfStatement(source, node, _following(path), _known(path, node), _parameters(path))
    for operator in operators(*branch_values(branch)):
        rewrite = without_branch(branch, test, operator)
        if rewrite is None:
            continue
        named = with_torch(source, source.location_of(node), "\n".join(rewrite.lines))
        if named is not None:
            code, imports = named
            edits = replace_statement(source, node, rewrite, code.split("\n"))
            if edits is not None:
                yield code, (*imports, *edits)


def _following(path: NodePath) -> Sequence[ast.stmt]:
    return path.block[path.block.index(path.statement) + 1 :]


def _known(path: NodePath, node: ast.If) -> frozenset[str]:
    return frozenset(name for name, _ in bindings([node]) if is_bound(name, path))


def _parameters(path: NodePath) -> frozenset[str]:
    functions = [node for node in path.outer if isinstance(node, FUNCTIONS)]
    return frozenset(parameters(functions[-1].args) if functions else ())
