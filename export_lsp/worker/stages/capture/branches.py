"""What a truth value that depends on data decides, and what to write instead.

The sentence depends on the syntax around the failing expression: a check that raises, a loop, a
filter, a branch, or no test at all but a call that wants the truth of a tensor.
"""

from __future__ import annotations

import ast
import itertools
import re
from typing import Literal

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.places.comparisons import LENGTH, NEGATED

Use = Literal["check", "loop", "filter", "branch", "value"]

ADVICE: dict[Use, str] = {
    "check": "drop the check, guard it with `if not torch.compiler.is_exporting():`, or use"
    " `torch._assert_async`",
    "loop": "take a fixed number of steps, or use `torch._higher_order_ops.while_loop`",
    "filter": "keep every item and mask with `torch.where`",
    "branch": "use `torch.where` or `torch.cond`",
    "value": "keep it a tensor and choose with `torch.where` or `torch.cond`",
}
DEPENDS: dict[Use, str] = {
    "check": "Whether `{expression}` holds depends on the data in {origin}, and export traces"
    " without data",
    "loop": "How long this loop runs depends on the data in {origin}, through `{expression}`, and"
    " export traces without data",
    "filter": "What this comprehension keeps depends on the data in {origin}, through"
    " `{expression}`, and export traces without data",
    "branch": "Which way `{expression}` goes depends on the data in {origin}, and export traces"
    " without data, so it cannot follow both",
}

# Calls that take the truth of a tensor themselves, and what keeps it a tensor.
WANT_TRUTH = {
    "sorted": "sort with `torch.sort`",
    "min": "use `torch.minimum` or `amin`",
    "max": "use `torch.maximum` or `amax`",
    "any": "use `torch.any` with `torch.where` or `torch.cond`",
    "all": "use `torch.all` with `torch.where` or `torch.cond`",
    "allclose": "use `torch.isclose(…).all()` with `torch.where` or `torch.cond`",
    "is_nonzero": ADVICE["value"],
}
BUILTINS = ("sorted", "min", "max", "any", "all")

SIZE = re.compile(r"\blen\(|\.shape\[|\.size\(|\.numel\(")


def truth(source: Source | None, location: Location, expression: str) -> str:
    """The sentence for an expression whose truth depends on the data of a tensor."""
    use = use_of(source, location)
    wanted = _wants_truth(source.expression_at(location)) if source is not None else None
    if wanted is not None or use == "value":
        advice = ADVICE[use] if use in ("check", "loop") else wanted or ADVICE["value"]
        return (
            f"`{expression}` needs the truth value of a tensor, which export does not have while"
            f" tracing; {advice}"
        )
    return depends(use, expression, "a tensor")


def depends(use: Use, expression: str, origin: str) -> str:
    return f"{DEPENDS[use].format(expression=expression, origin=origin)}; {ADVICE[use]}"


def use_of(source: Source | None, location: Location) -> Use:
    """What the truth of the expression at a place decides; "value" if it is no test."""
    if source is None:
        return "branch"
    around = source.enclosing(location)
    for inner, outer in itertools.pairwise(around):
        if isinstance(outer, (ast.BoolOp, ast.NamedExpr)) or _is_not(outer):
            continue
        return _decided(inner, outer)
    return "value"


def _decided(test: ast.AST, by: ast.AST) -> Use:
    if isinstance(by, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return "filter" if any(test in part.ifs for part in by.generators) else "value"
    if not isinstance(by, (ast.If, ast.While, ast.Assert, ast.IfExp)) or by.test is not test:
        return "value"
    if isinstance(by, ast.While):
        return "loop"
    if isinstance(by, ast.Assert) or (isinstance(by, ast.If) and _raises(by)):
        return "check"
    if isinstance(by, ast.If) and any(_leaves_loop(item) for item in by.body):
        return "loop"
    return "branch"


def _raises(branch: ast.If) -> bool:
    return isinstance(branch.body[-1], ast.Raise) or (
        bool(branch.orelse) and isinstance(branch.orelse[-1], ast.Raise)
    )


def _leaves_loop(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Break)


def _is_not(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _wants_truth(expression: ast.expr | None) -> str | None:
    """What to write instead of a call or an `in` that takes the truth of a tensor itself."""
    if isinstance(expression, ast.Compare) and isinstance(expression.ops[0], (ast.In, ast.NotIn)):
        item, table = ast.unparse(expression.left), ast.unparse(expression.comparators[0])
        return f"use `({table} == {item}).any()` with `torch.where` or `torch.cond`"
    if not isinstance(expression, ast.Call):
        return None
    function = expression.func
    if isinstance(function, ast.Attribute) and function.attr == "equal":
        return _compared(function, expression.args)
    if isinstance(function, ast.Name):
        return WANT_TRUTH.get(function.id)
    if isinstance(function, ast.Attribute) and function.attr not in BUILTINS:
        return WANT_TRUTH.get(function.attr)
    return None


def _compared(function: ast.Attribute, args: list[ast.expr]) -> str:
    """`torch.equal(a, b)` and `a.equal(b)` as an operation that gives a tensor."""
    left, right = args if len(args) == 2 else (function.value, args[0] if args else function.value)
    same = f"({ast.unparse(left)} == {ast.unparse(right)}).all()"
    return f"use `{same}` with `torch.where` or `torch.cond`"


def iterated(source: Source | None, location: Location) -> bool:
    """Whether a loop or a comprehension goes over the expression at a place."""
    if source is None:
        return False
    around = source.enclosing(location)
    for inner, outer in itertools.pairwise(around):
        if isinstance(outer, (ast.For, ast.AsyncFor)):
            return outer.iter is inner
        if isinstance(outer, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            return any(part.iter is inner for part in outer.generators)
        return False
    return False


def always(source: Source, location: Location, compared: ast.Compare) -> str:
    """What most likely always holds, of a comparison or of its opposite.

    What a raise forbids does not hold, and a test for equality is one for the exception.
    """
    statement = next(
        (n for n in source.enclosing(location) if isinstance(n, (ast.If, ast.Assert))), None
    )
    forbidden = isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Raise)
    exceptional = isinstance(compared.ops[0], ast.Eq) and not isinstance(statement, ast.Assert)
    holds = compared
    if len(compared.ops) == 1 and (forbidden or exceptional):
        opposite = NEGATED[type(compared.ops[0])]()
        if isinstance(opposite, ast.NotEq) and _is_zero(compared.comparators[0]):
            # Of a size torch 2.13 makes more of "> 0" than of "!= 0".
            opposite = ast.Gt() if SIZE.search(ast.unparse(compared.left)) else opposite
        holds = ast.Compare(compared.left, [opposite], compared.comparators)
    return LENGTH.sub(r"\1.shape[0]", ast.unparse(holds))


def _is_zero(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value == 0
