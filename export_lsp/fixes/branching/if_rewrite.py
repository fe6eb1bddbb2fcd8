"""An `if` that a tensor decides, rewritten as statements without a branch."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from export_lsp.fixes.branching.selection import Operator, selections
from export_lsp.fixes.branching.tensor_tests import TensorTest
from export_lsp.fixes.placement.scopes import bindings
from export_lsp.source import Source, as_operand

# The variable for a condition that several statements need.
CONDITION = "condition"

# A name and the value that is assigned to it.
Assigned = tuple[str, ast.expr | str]

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
}

# A statement with one of these cannot move to before a branch.
_JUMPS_AND_CHANGES = (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.AugAssign, ast.Delete)


@dataclass(frozen=True)
class IfStatement:
    """An `if`, and the statements of its block that follow it.

    `known` are the names of the branches that are bound before the `if`, `parameters` those of the
    function around it.
    """

    source: Source
    node: ast.If
    following: Sequence[ast.stmt]
    known: frozenset[str]
    parameters: frozenset[str]


@dataclass(frozen=True)
class Rewrite:
    """Lines that replace all statements from the `if` to `last`.

    `kept` are statements between the two: they stay as they are, before the lines.
    """

    lines: tuple[str, ...]
    last: ast.stmt
    kept: tuple[ast.stmt, ...] = ()


def without_branch(branch: IfStatement, test: TensorTest, operator: Operator) -> Rewrite | None:
    """Return the `if` without a branch; None if that takes more than a choice between values."""
    rewrite = _returns(branch, test, operator) or _assignments(branch, test, operator)
    if rewrite is None or not test.python_tests:
        return rewrite
    return None if branch.node.orelse or rewrite.kept else _guarded(branch, test, rewrite)


def branch_values(branch: IfStatement) -> tuple[ast.expr, ...]:
    """Return the values that the statements of both branches have."""
    blocks = [branch.node.body, branch.node.orelse or list(branch.following[-1:])]
    found = (getattr(statement, "value", None) for block in blocks for statement in block)
    return tuple(value for value in found if isinstance(value, ast.expr))


def _guarded(branch: IfStatement, test: TensorTest, rewrite: Rewrite) -> Rewrite:
    """Put a rewrite into an `if` with the tests that Python decides."""
    lines = (f"if {' and '.join(test.python_tests)}:", *(f"    {line}" for line in rewrite.lines))
    if rewrite.last is not branch.node:
        assert isinstance(rewrite.last, ast.Return)
        lines = (*lines, branch.source.text_of(rewrite.last))
    return Rewrite(lines, rewrite.last)


def _returns(branch: IfStatement, test: TensorTest, operator: Operator) -> Rewrite | None:
    """Rewrite an `if` both of whose branches return, the second perhaps at the block's end."""
    node = branch.node
    [yes, *more] = node.body
    if more or not isinstance(yes, ast.Return) or yes.value is None:
        return None
    kept: tuple[ast.stmt, ...] = ()
    if node.orelse:
        no = node.orelse[-1] if len(node.orelse) == 1 else None
    else:
        kept = tuple(branch.following[:-1])
        no = branch.following[-1] if branch.following else None
    if not isinstance(no, ast.Return) or no.value is None or not _can_precede(branch, test, kept):
        return None
    value = ", ".join(selections(branch.source, operator, test, yes.value, no.value))
    return Rewrite((f"return {value}",), node if node.orelse else no, kept)


def _can_precede(branch: IfStatement, test: TensorTest, kept: Sequence[ast.stmt]) -> bool:
    """Return whether statements may just as well come before the test and the first branch."""
    if not kept:
        return True
    needed = _read_names([ast.parse(test.tensor), *branch.node.body])
    changes = any(
        isinstance(each, _JUMPS_AND_CHANGES)
        or (isinstance(each, (ast.Attribute, ast.Subscript)) and isinstance(each.ctx, ast.Store))
        for statement in kept
        for each in ast.walk(statement)
    )
    return not changes and not needed & {name for name, _ in bindings(kept)}


def _assignments(branch: IfStatement, test: TensorTest, operator: Operator) -> Rewrite | None:
    """Rewrite an `if` whose branches assign values to names."""
    node, source = branch.node, branch.source
    yes, no = (_assigned(branch, block) for block in (node.body, node.orelse))
    if yes is None or no is None:
        return None
    if not no:
        return _one_sided(branch, test, operator, yes)
    if [name for name, _ in yes] != [name for name, _ in no]:
        return None
    values = [ast.parse(value) if isinstance(value, str) else value for _, value in (*yes, *no)]
    if len(yes) > 1 and _read_names(values) & {name for name, _ in yes}:
        return None
    lines = [
        f"{name} = {', '.join(selections(source, operator, test, one, other))}"
        for (name, one), (_, other) in zip(yes, no, strict=True)
    ]
    return Rewrite(tuple(lines), node)


def _one_sided(
    branch: IfStatement, test: TensorTest, operator: Operator, assigned: list[Assigned]
) -> Rewrite | None:
    """Rewrite an `if` without an `else`: where the test fails, names keep their values."""
    if not all(name in branch.known for name, _ in assigned):
        return None
    lines: list[str] = []
    if len(assigned) > 1:
        if CONDITION in branch.known:
            return None
        lines.append(f"{CONDITION} = {test.tensor}")
        test = replace(test, tensor=CONDITION)
    for name, value in assigned:
        selected = selections(branch.source, operator, test, value, name)
        lines.append(f"{name} = {', '.join(selected)}")
    return Rewrite(tuple(lines), branch.node)


def _assigned(branch: IfStatement, block: Sequence[ast.stmt]) -> list[Assigned] | None:
    """Return the names that a block assigns, with their values; None if it does anything else."""
    found: list[Assigned] = []
    for statement in block:
        if isinstance(statement, ast.Pass):
            continue
        if isinstance(statement, ast.AugAssign):
            assigned = _augmented(branch, statement)
        else:
            assigned = _plainly_assigned(statement)
        if assigned is None:
            return None
        found.append(assigned)
    return found


def _augmented(branch: IfStatement, statement: ast.AugAssign) -> Assigned | None:
    """Return the name and the new value of ``name += value``."""
    target = statement.target
    operator = OPERATORS.get(type(statement.op))
    # The caller's tensor would be changed in place.
    if not isinstance(target, ast.Name) or target.id in branch.parameters or operator is None:
        return None
    value = as_operand(branch.source.text_of(statement.value))
    return target.id, f"{target.id} {operator} {value}"


def _plainly_assigned(statement: ast.stmt) -> Assigned | None:
    """Return the name and the value of ``name = value``."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    [target] = statement.targets
    if not isinstance(target, ast.Name) or isinstance(statement.value, ast.Tuple):
        return None
    return target.id, statement.value


def _read_names(trees: Iterable[ast.AST]) -> set[str]:
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
