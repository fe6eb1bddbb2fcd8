"""What stands in place of an `if` that a tensor decides."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from export_lsp.fixes.branching.selection import Operator, chosen
from export_lsp.fixes.branching.tensor_tests import Decision
from export_lsp.fixes.placement.scopes import bindings
from export_lsp.source import Source, as_operand

CONDITION = "condition"

# A name and what it is assigned.
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


@dataclass(frozen=True)
class Rewritten:
    """Lines instead of all statements from the `if` to `last`.

    Of `kept` statements between, the lines come first: they stay as they are.
    """

    lines: tuple[str, ...]
    last: ast.stmt
    kept: tuple[ast.stmt, ...] = ()


@dataclass(frozen=True)
class Branch:
    """An `if`, and the statements of its block that come after it.

    `known` are names that are bound before it, `given` those of them that the caller gives.
    """

    source: Source
    node: ast.If
    after: Sequence[ast.stmt]
    known: frozenset[str]
    given: frozenset[str]


def rewritten(branch: Branch, test: Decision, operator: Operator) -> Rewritten | None:
    """The `if` without a branch; None if that takes more than a choice between values."""
    node = branch.node
    result = _returned(branch, test, operator) or _assigned(branch, test, operator)
    if result is None or not test.first:
        return result
    return None if node.orelse or result.kept else _guarded(branch, test, result)


def values(branch: Branch) -> tuple[ast.expr, ...]:
    """The values that the branches give."""
    blocks = [branch.node.body, branch.node.orelse or list(branch.after[-1:])]
    found = (getattr(statement, "value", None) for block in blocks for statement in block)
    return tuple(value for value in found if isinstance(value, ast.expr))


def _guarded(branch: Branch, test: Decision, result: Rewritten) -> Rewritten:
    """What Python decides goes on deciding it."""
    lines = (f"if {' and '.join(test.first)}:", *(f"    {line}" for line in result.lines))
    if result.last is not branch.node:
        assert isinstance(result.last, ast.Return)
        lines = (*lines, branch.source.text_of(result.last))
    return Rewritten(lines, result.last)


def _returned(branch: Branch, test: Decision, operator: Operator) -> Rewritten | None:
    """Both branches return, the second one maybe at the block's end."""
    node = branch.node
    [yes, *more] = node.body
    if more or not isinstance(yes, ast.Return) or yes.value is None:
        return None
    kept: tuple[ast.stmt, ...] = ()
    if node.orelse:
        no = node.orelse[-1] if len(node.orelse) == 1 else None
    else:
        kept, no = tuple(branch.after[:-1]), branch.after[-1] if branch.after else None
    if not isinstance(no, ast.Return) or no.value is None or not _is_free(branch, test, kept):
        return None
    value = ", ".join(chosen(branch.source, operator, test, yes.value, no.value))
    return Rewritten((f"return {value}",), node if node.orelse else no, kept)


def _is_free(branch: Branch, test: Decision, kept: Sequence[ast.stmt]) -> bool:
    """Whether statements may as well come before the test and the first branch."""
    if not kept:
        return True
    needed = {
        each.id
        for part in (ast.parse(test.text), *branch.node.body)
        for each in ast.walk(part)
        if isinstance(each, ast.Name)
    }
    changes = any(
        isinstance(
            each, (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.AugAssign, ast.Delete)
        )
        or (isinstance(each, (ast.Attribute, ast.Subscript)) and isinstance(each.ctx, ast.Store))
        for statement in kept
        for each in ast.walk(statement)
    )
    return not changes and not needed & {name for name, _ in bindings(kept)}


def _assigned(branch: Branch, test: Decision, operator: Operator) -> Rewritten | None:
    """The branches assign values to names."""
    node, source = branch.node, branch.source
    yes, no = (_assignments(branch, block) for block in (node.body, node.orelse))
    if yes is None or no is None:
        return None
    if not no:
        return _maybe_assigned(branch, test, operator, yes)
    if [name for name, _ in yes] != [name for name, _ in no]:
        return None
    if len(yes) > 1 and _read(value for _, value in (*yes, *no)) & {name for name, _ in yes}:
        return None
    lines = [
        f"{name} = {', '.join(chosen(source, operator, test, one, other))}"
        for (name, one), (_, other) in zip(yes, no, strict=True)
    ]
    return Rewritten(tuple(lines), node)


def _maybe_assigned(
    branch: Branch, test: Decision, operator: Operator, assigned: list[Assigned]
) -> Rewritten | None:
    """Where the test does not hold, names keep what they have; what they have else is harmless."""
    if not all(name in branch.known for name, _ in assigned):
        return None
    lines: list[str] = []
    if len(assigned) > 1:
        if CONDITION in branch.known:
            return None
        lines.append(f"{CONDITION} = {test.text}")
        test = replace(test, text=CONDITION)
    for name, value in assigned:
        lines.append(f"{name} = {', '.join(chosen(branch.source, operator, test, value, name))}")
    return Rewritten(tuple(lines), branch.node)


def _assignments(branch: Branch, block: Sequence[ast.stmt]) -> list[Assigned] | None:
    """The names and values of a block that assigns to names and does nothing else."""
    found: list[Assigned] = []
    for statement in block:
        if isinstance(statement, ast.Pass):
            continue
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            name, value = statement.target.id, branch.source.location_of(statement.value)
            if name in branch.given:
                return None  # what the caller has is changed in place
            operator = OPERATORS.get(type(statement.op))
            if operator is None:
                return None
            found.append((name, f"{name} {operator} {as_operand(branch.source.excerpt(value))}"))
            continue
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return None
        [target] = statement.targets
        if not isinstance(target, ast.Name) or isinstance(statement.value, ast.Tuple):
            return None
        found.append((target.id, statement.value))
    return found


def _read(values: Iterable[ast.expr | str]) -> set[str]:
    trees = (ast.parse(value) if isinstance(value, str) else value for value in values)
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
