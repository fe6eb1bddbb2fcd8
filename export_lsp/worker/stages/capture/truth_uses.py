"""Uses of an expression's truth value, and messages for truth values that depend on data.

The use follows from the syntax around the expression: a check that raises, a loop, the filter of a
comprehension, a branch, or a call that takes the truth value of a tensor itself.
"""

from __future__ import annotations

import ast
import itertools
import re
from typing import Literal

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.places.comparisons import LENGTH, NEGATED
from export_lsp.worker.text.sentences import Words

# "value": no statement tests it; a call or an operator takes the truth value.
Use = Literal["check", "loop", "filter", "branch", "value"]

LABELS: dict[Use, str] = {
    "check": "Check of tensor data",
    "loop": "Loop on tensor data",
    "filter": "Filter on tensor data",
    "branch": "Branch on tensor data",
    "value": "Truth value of tensor data",
}
ADVICE: dict[Use, str] = {
    "check": "Drop the check, guard it with `if not torch.compiler.is_exporting():`, or use"
    " `torch._assert_async`.",
    "loop": "Take a fixed number of steps, or use `torch._higher_order_ops.while_loop`.",
    "filter": "Keep every item and mask with `torch.where`.",
    "branch": "Use `torch.where` or `torch.cond`.",
    "value": "Keep it a tensor and choose with `torch.where` or `torch.cond`.",
}
DEPENDS: dict[Use, str] = {
    "check": "Whether it holds depends on the data in {origin}, and export traces without data.",
    "loop": "How long the loop runs depends on the data in {origin}, and export traces without"
    " data.",
    "filter": "Which items the comprehension keeps depends on the data in {origin}, and export"
    " traces without data.",
    "branch": "Which way it goes depends on the data in {origin}, and export traces without data,"
    " so it cannot follow both.",
}

# Calls that take the truth value of a tensor, with the advice for each.
TAKE_TRUTH = {
    "sorted": "Sort with `torch.sort`.",
    "min": "Use `torch.minimum` or `torch.amin`.",
    "max": "Use `torch.maximum` or `torch.amax`.",
    "any": "Use `torch.any` with `torch.where` or `torch.cond`.",
    "all": "Use `torch.all` with `torch.where` or `torch.cond`.",
    "allclose": "Use `torch.isclose(…).all()` with `torch.where` or `torch.cond`.",
    "is_nonzero": ADVICE["value"],
}
BUILTINS = ("sorted", "min", "max", "any", "all")

SIZE = re.compile(r"\blen\(|\.shape\[|\.size\(|\.numel\(")


def truth_words(source: Source | None, location: Location) -> Words:
    """Return the words for an expression whose truth value depends on a tensor's data."""
    use = use_of_truth(source, location)
    instead = _tensor_operation(source.expression_at(location)) if source is not None else None
    if instead is not None or use == "value":
        advice = ADVICE[use] if use in ("check", "loop") else instead or ADVICE["value"]
        why = "It needs the truth value of a tensor, which does not exist while export traces."
        return Words(LABELS["value"], why, advice)
    return use_words(use, "a tensor")


def use_words(use: Use, origin: str) -> Words:
    """Return the words for a truth value that is used in a test.

    `origin` names where the data comes from. `use` is not "value".
    """
    return Words(LABELS[use], DEPENDS[use].format(origin=origin), ADVICE[use])


def use_of_truth(source: Source | None, location: Location) -> Use:
    """Return the use of the truth value of the expression there; "branch" without source."""
    if source is None:
        return "branch"
    around = source.enclosing(location)
    for inner, outer in itertools.pairwise(around):
        if isinstance(outer, (ast.BoolOp, ast.NamedExpr)) or _is_not(outer):
            continue
        return _use_in(outer, inner)
    return "value"


def tested(source: Source, location: Location) -> Location | None:
    """Return the expression there, or the comparison around it, whose truth value is tested.

    None if that of neither is.
    """
    for node in source.enclosing(location):
        place = source.location_of(node)
        if use_of_truth(source, place) != "value":
            return place
        if not isinstance(node, ast.expr) or isinstance(node, (ast.Lambda, ast.BoolOp)):
            return None
    return None


def _use_in(node: ast.AST, test: ast.AST) -> Use:
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return "filter" if any(test in part.ifs for part in node.generators) else "value"
    if not isinstance(node, (ast.If, ast.While, ast.Assert, ast.IfExp)) or node.test is not test:
        return "value"
    if isinstance(node, ast.While):
        return "loop"
    if isinstance(node, ast.Assert) or (isinstance(node, ast.If) and _raises(node)):
        return "check"
    if isinstance(node, ast.If) and any(isinstance(item, ast.Break) for item in node.body):
        return "loop"
    return "branch"


def _raises(branch: ast.If) -> bool:
    return isinstance(branch.body[-1], ast.Raise) or (
        bool(branch.orelse) and isinstance(branch.orelse[-1], ast.Raise)
    )


def _is_not(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _tensor_operation(expression: ast.expr | None) -> str | None:
    """The advice for a call or an ``in`` that takes the truth value of a tensor itself."""
    if isinstance(expression, ast.Compare) and isinstance(expression.ops[0], (ast.In, ast.NotIn)):
        item, table = ast.unparse(expression.left), ast.unparse(expression.comparators[0])
        return f"Use `({table} == {item}).any()` with `torch.where` or `torch.cond`."
    if not isinstance(expression, ast.Call):
        return None
    function = expression.func
    if isinstance(function, ast.Attribute) and function.attr == "equal":
        return _elementwise_equal(function, expression.args)
    if isinstance(function, ast.Name):
        return TAKE_TRUTH.get(function.id)
    if isinstance(function, ast.Attribute) and function.attr not in BUILTINS:
        return TAKE_TRUTH.get(function.attr)
    return None


def _elementwise_equal(function: ast.Attribute, args: list[ast.expr]) -> str:
    """``torch.equal(a, b)`` or ``a.equal(b)`` as an operation whose result is a tensor."""
    left, right = args if len(args) == 2 else (function.value, args[0] if args else function.value)
    same = f"({ast.unparse(left)} == {ast.unparse(right)}).all()"
    return f"Use `{same}` with `torch.where` or `torch.cond`."


def is_iterated(source: Source | None, location: Location) -> bool:
    """Return whether a loop or a comprehension iterates over the expression there."""
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


def likely_condition(source: Source, location: Location, compared: ast.Compare) -> str:
    """Return the comparison or its opposite, whichever is more likely to hold always.

    A condition under which the code raises does not hold, and a test for equality is usually one
    for the exceptional case.
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
            # torch 2.13 infers more about a size from "> 0" than from "!= 0".
            opposite = ast.Gt() if SIZE.search(ast.unparse(compared.left)) else opposite
        holds = ast.Compare(compared.left, [opposite], compared.comparators)
    return LENGTH.sub(r"\1.shape[0]", ast.unparse(holds))


def _is_zero(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value == 0
