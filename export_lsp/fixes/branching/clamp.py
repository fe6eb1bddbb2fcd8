"""A branch that only limits a number or a size, written with `min`, `max` or a slice.

`min` and `max` know symbolic numbers: export keeps them in the program.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from export_lsp.fixes.branching.emptiness import nonempty_truth

GREATER, LESS = (ast.Gt, ast.GtE), (ast.Lt, ast.LtE)


@dataclass(frozen=True)
class Limit:
    """The value to assign to a target in place of an `if`.

    `counts` is set if it is right only for counts, which are not negative.
    """

    target: ast.expr
    value: str
    counts: bool = False


def limit(node: ast.If) -> Limit | None:
    """Return what an `if` that only limits something comes down to; None for any other."""
    return _clamped(node) or _floored(node) or _sliced(node)


def clamp(test: ast.expr, yes: ast.expr, no: ast.expr) -> str | None:
    """Return a call that gives `yes` if a test holds and else `no`; None if there is none.

    The test has to compare these two with each other.
    """
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    left, right = ast.unparse(test.left), ast.unparse(test.comparators[0])
    values = ast.unparse(yes), ast.unparse(no)
    if values not in ((left, right), (right, left)) or left == right:
        return None
    greater = isinstance(test.ops[0], GREATER)
    if not greater and not isinstance(test.ops[0], LESS):
        return None
    function = "max" if greater is (values[0] == left) else "min"
    first, second = (right, left) if isinstance(test.left, ast.Constant) else (left, right)
    return f"{function}({first}, {second})"


def _clamped(node: ast.If) -> Limit | None:
    """Return the `min` or `max` for an `if` that assigns one of the values it compares.

    It may assign in both branches, or replace a number by its limit.  An `elif` may limit it in the
    other direction.
    """
    assigned = _assignment(node.body)
    if assigned is None:
        return None
    target, yes = assigned
    if not node.orelse:
        call = clamp(node.test, yes, target)
        return Limit(target, call) if call is not None else None
    [other] = node.orelse[:1]
    inner = _clamped(other) if isinstance(other, ast.If) and len(node.orelse) == 1 else None
    second = (inner.target, target) if inner is not None else _assignment(node.orelse)
    if second is None or ast.unparse(second[0]) != ast.unparse(target):
        return None
    call = clamp(node.test, yes, second[1])
    if call is None or inner is None:
        return Limit(target, call) if call is not None else None
    outer = ast.parse(call, mode="eval").body
    assert isinstance(outer, ast.Call)
    number = ast.unparse(target)
    args = (inner.value if text == number else text for text in map(ast.unparse, outer.args))
    return Limit(target, f"{ast.unparse(outer.func)}({', '.join(args)})")


def _floored(node: ast.If) -> Limit | None:
    """Return the `max` for an `if` that replaces a count of 0 by 1."""
    assigned = _assignment(node.body) if not node.orelse else None
    if assigned is None or not isinstance(node.test, ast.Compare):
        return None
    target, value = assigned
    is_one = isinstance(value, ast.Constant) and value.value == 1
    counted = ast.unparse(node.test.left) == ast.unparse(target)
    if not is_one or not counted or nonempty_truth(node.test) is not False:
        return None
    return Limit(target, f"max({ast.unparse(target)}, 1)", counts=True)


def _sliced(node: ast.If) -> Limit | None:
    """Return the slice of an `if` that cuts a tensor only where it is too long: it may always."""
    assigned = _assignment(node.body) if not node.orelse else None
    test = node.test
    if assigned is None or not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    sides = [ast.unparse(side) for side in (test.left, *test.comparators)]
    if isinstance(test.ops[0], LESS):
        sides.reverse()
    elif not isinstance(test.ops[0], GREATER):
        return None
    target, value = assigned
    tensor, (size, longest) = ast.unparse(target), sides
    if not isinstance(value, ast.Subscript) or ast.unparse(value.value) != tensor:
        return None
    parts = value.slice.elts if isinstance(value.slice, ast.Tuple) else [value.slice]
    cuts = [axis for axis, part in enumerate(parts) if ast.unparse(part) != ":"]
    if len(cuts) != 1 or ast.unparse(parts[cuts[0]]) != f":{longest}":
        return None
    sizes = {f"{tensor}.shape[{cuts[0]}]", f"{tensor}.size({cuts[0]})"}
    if cuts == [0]:
        sizes.add(f"len({tensor})")
    return Limit(target, ast.unparse(value)) if size in sizes else None


def _assignment(block: list[ast.stmt]) -> tuple[ast.expr, ast.expr] | None:
    """Return the target and the value of a block that is one plain assignment."""
    [statement, *more] = block
    if more or not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    [target] = statement.targets
    if not isinstance(target, (ast.Name, ast.Attribute)):
        return None
    return target, statement.value
