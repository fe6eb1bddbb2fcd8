"""Sizes, numbers and branches that depend on tensor data."""

from __future__ import annotations

import ast
import re

from export_lsp.protocol import Finding, Related, Remedy, RemedyKind
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.data.target import Built
from export_lsp.worker.places import comparisons, locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.private import errors
from export_lsp.worker.remedies import python_numbers
from export_lsp.worker.stages.capture import branches
from export_lsp.worker.text.sentences import shortened

# Operators whose only use is as a Python truth value.
PREDICATES = ("aten.allclose", "aten.equal", "aten.is_nonzero")

# The second and third in torch 2.6, which has no names for its graph breaks.
DYNAMO_BRANCH = re.compile(
    r"Data-dependent branching|Dynamic control flow is not supported"
    r"|builtin: bool \[<class 'torch\._dynamo\.variables\.tensor\.TensorVariable'>\]"
)
DYNAMO_SORT = re.compile(r"sort with non-constant key.*torch\.Tensor", re.S)
ONE_HOT = re.compile(r"\bone_hot\(")

# torch's offer, in the user's names: first the condition, then its opposite (torch 2.13).
CHECKS = re.compile(r"1\. torch\._check\((.*)\)\n\s+2\. torch\._check\((.*)\)")

CASTS = ("int(", "float(")
FLOAT = "zuf"

# What to make of a truth value, by what it decides.
REMEDIES: dict[branches.Use, RemedyKind] = {"check": "assertion", "branch": "branch"}

# A longer origin makes the sentence unreadable; it stays related information.
ORIGIN_LENGTH = 60


def explain(failure: Failure, built: Built) -> Finding | None:
    links = list(locate.chain(failure.error))
    if "data-dependent" in failure.text and ONE_HOT.search(failure.expression):
        return _classes(failure)
    guard = errors.find(links, errors.DATA_DEPENDENT_GUARD)
    if guard is not None:
        return _guard(failure, str(getattr(guard, "cond", "")), str(guard))
    if "data-dependent expression" in failure.text:
        return _guard(failure, failure.text, failure.text)
    output = errors.find(links, errors.DATA_DEPENDENT_OUTPUT)
    if output is not None:
        operator = str(getattr(output, "func", ""))
        return _branch(failure) if operator.startswith(PREDICATES) else _value(failure, None)
    broken = getattr(failure.error, "gb_type", None) or failure.text[:80]
    if DYNAMO_BRANCH.search(broken) or DYNAMO_SORT.search(failure.text):
        return _branch(failure)
    return None


def _guard(failure: Failure, expression: str, text: str) -> Finding:
    origin = failure.symbols.origin(expression) or failure.symbols.origin(text)
    concrete = "extract specialized" in text or expression.startswith(("u", "zuf"))
    same_place = origin is not None and origin.location == failure.location
    source = failure.source(failure.location)
    truth = failure.symbols.is_truth(expression)
    if not truth and branches.iterated(source, failure.location) and not _counts(failure.node):
        return _loop(failure, origin)
    if truth or (same_place and not concrete and not failure.expression.startswith(CASTS)):
        return _branch(failure)
    compared = comparisons.comparison(source, failure.location)
    if compared is not None:
        return _comparison(failure, origin, compared, FLOAT in expression)
    return _value(failure, origin) if concrete else _condition(failure, origin, text)


def _counts(node: ast.expr | None) -> bool:
    """Whether an expression to loop over is a ``range``, whose trouble is the number in it."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "range"


def _branch(failure: Failure) -> Finding:
    source = failure.source(failure.location)
    use = branches.use_of(source, failure.location)
    kind = REMEDIES.get(use)
    return failure.finding(
        "data-dependent-branch",
        branches.truth(source, failure.location, failure.expression),
        remedies=(Remedy(kind, failure.location),) if kind else (),
    )


def _comparison(
    failure: Failure, origin: Frame | None, compared: ast.Compare, is_float: bool
) -> Finding:
    """Sizes and items that are compared: `torch.where` cannot replace that, a check can."""
    source = failure.source(failure.location)
    use = branches.use_of(source, failure.location)
    place = _place(failure, origin)
    if use == "loop":
        return _guarded(failure, origin, branches.depends(use, failure.expression, place))
    told = (
        f"The answer to `{shortened(failure.expression)}` depends on the data in {place}, and"
        " export has to know it while tracing. "
    )
    if is_float or source is None:
        advice = "Compare the tensor itself, without `.item()`, and choose with `torch.where`"
    else:
        holds = _stated(failure) or branches.always(source, failure.location, compared)
        advice = f"State what always holds before it, e.g. `torch._check({holds})`"
    return _guarded(failure, origin, told + advice)


def _loop(failure: Failure, origin: Frame | None) -> Finding:
    return _guarded(
        failure,
        origin,
        f"Looping over `{shortened(failure.expression)}` needs its length, which depends on the"
        f" data in {_place(failure, origin)}; work on the whole tensor",
    )


def _classes(failure: Failure) -> Finding:
    return _guarded(
        failure,
        None,
        f"`{failure.expression}` needs the number of classes, which depends on the data; give it"
        " `num_classes`",
    )


def _value(failure: Failure, origin: Frame | None) -> Finding:
    node = failure.node
    place = _place(failure, origin)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
        tensor = ast.unparse(node.args[0]) if node.args else "x"
        message = (
            f"`{failure.expression}` needs a plain number, and this length depends on the data in"
            f" {place}; use `{tensor}.shape[0]`"
        )
    else:
        message = (
            f"`{failure.expression}` needs a number that depends on the data in {place}; export"
            " has to know it while tracing. Take it from a shape or an integer input, or keep it"
            " a tensor"
        )
    return _guarded(failure, origin, message)


def _condition(failure: Failure, origin: Frame | None, text: str) -> Finding:
    """An operator that has to know something of a size."""
    expression, place = shortened(failure.expression), _place(failure, origin)
    offered = CHECKS.search(text)
    stated = _stated(failure)
    if offered is None and stated is not None:
        return _guarded(
            failure,
            origin,
            f"What `{expression}` does depends on the data in {place}; export has to know it while"
            f" tracing. State what always holds before it, e.g. `torch._check({stated})`",
        )
    if offered is None:
        return _guarded(
            failure,
            origin,
            f"What `{expression}` does depends on the data in {place}; export has to know it while"
            " tracing. State what always holds of its sizes before it with `torch._check(…)`",
        )
    condition, opposite = (_tidy(check) for check in offered.groups())
    holds = stated or (opposite if "==" in condition else condition)
    return _guarded(
        failure,
        origin,
        f"`{expression}` has to know whether `{condition}`, which depends on the data in {place}."
        f" State what always holds before it, e.g. `torch._check({holds})`",
    )


def _tidy(condition: str) -> str:
    """Without torch's superfluous parentheses."""
    try:
        return ast.unparse(ast.parse(condition, mode="eval"))
    except SyntaxError:
        return condition


def _guarded(failure: Failure, origin: Frame | None, message: str) -> Finding:
    related: tuple[Related, ...] = ()
    if origin is not None and origin.location != failure.location:
        related = (Related(origin.location, "data becomes a size or a number here"),)
    remedies = (*python_numbers.keep_symbolic(failure), *failure.checks())
    return failure.finding("data-dependent-guard", message, related=related, remedies=remedies)


def _stated(failure: Failure) -> str | None:
    """What the example says of a guard, where it says one thing that can be written."""
    groups: dict[str, str] = {}
    for remedy in failure.checks():
        groups.setdefault(remedy.group, remedy.text)
    [stated] = groups.values() if len(groups) == 1 else [None]
    return None if stated is None or "\n" in stated else stated


def _place(failure: Failure, origin: Frame | None) -> str:
    """Where the data comes from, "`x[mask]`"; "a tensor" if that is the expression itself."""
    if origin is None or origin.location == failure.location:
        return "a tensor"
    text = failure.excerpt(origin.location)
    return f"`{text}`" if len(text) <= ORIGIN_LENGTH else "a tensor"
