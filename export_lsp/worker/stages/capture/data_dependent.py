"""Sizes, numbers and branches that depend on tensor data."""

from __future__ import annotations

import ast
import re

from export_lsp.protocol import Finding, Location, Related, Remedy, RemedyKind
from export_lsp.worker.data.target import Built
from export_lsp.worker.places import comparisons, locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.private import errors
from export_lsp.worker.remedies import python_numbers
from export_lsp.worker.stages.capture import truth_uses
from export_lsp.worker.text.sentences import Words

# Operators whose only use is as a Python truth value.
PREDICATES = ("aten.allclose", "aten.equal", "aten.is_nonzero")

# The second and third are texts of torch 2.6, whose graph breaks have no names.
DYNAMO_BRANCH = re.compile(
    r"Data-dependent branching|Dynamic control flow is not supported"
    r"|builtin: bool \[<class 'torch\._dynamo\.variables\.tensor\.TensorVariable'>\]"
)
DYNAMO_SORT = re.compile(r"sort with non-constant key.*torch\.Tensor", re.S)
ONE_HOT = re.compile(r"\bone_hot\(")

# torch's suggestions in the user's names: the condition, then its opposite (torch 2.13).
SUGGESTED_CHECKS = re.compile(r"1\. torch\._check\((.*)\)\n\s+2\. torch\._check\((.*)\)")

CASTS = ("int(", "float(")
# torch's prefix of unbacked symbols for floats.
FLOAT_SYMBOL = "zuf"

# Fixes of truth values by their use.
REMEDIES: dict[truth_uses.Use, tuple[RemedyKind, ...]] = {
    "check": ("assertion",),
    "branch": ("branch", "size-branch"),
}

# Longer origins make the sentence unreadable; they are related locations only.
MAX_ORIGIN = 60


def explain(failure: Failure, built: Built) -> Finding | None:
    """Return the finding for a size, number or branch that depends on data; None for others.

    See `capture.explain`. torch asks for a value in ``ShapeEnv.evaluate_expr`` or in an operator
    without a fake kernel for it; Dynamo has graph breaks of its own for branches.
    """
    links = list(locate.chain(failure.error))
    if "data-dependent" in failure.text and ONE_HOT.search(failure.expression):
        return _one_hot(failure)
    guard = errors.find(links, errors.DATA_DEPENDENT_GUARD)
    if guard is not None:
        return _guard(failure, str(getattr(guard, "cond", "")), str(guard))
    if "data-dependent expression" in failure.text:
        return _guard(failure, failure.text, failure.text)
    output = errors.find(links, errors.DATA_DEPENDENT_OUTPUT)
    if output is not None:
        operator = str(getattr(output, "func", ""))
        return _branch(failure) if operator.startswith(PREDICATES) else _number(failure, None)
    if errors.find(links, errors.PENDING_UNBACKED) and _is_index(failure.node):
        return _number(failure, None)
    broken = getattr(failure.error, "gb_type", None) or failure.text[:80]
    if DYNAMO_BRANCH.search(broken) or DYNAMO_SORT.search(failure.text):
        return _branch(failure)
    return None


def _guard(failure: Failure, expression: str, text: str) -> Finding:
    """The finding for a guard on an expression over symbols; `text` is torch's whole text."""
    origin = _origin(failure, expression) or _origin(failure, text)
    wants_number = "extract specialized" in text or expression.startswith(("u", FLOAT_SYMBOL))
    made_here = origin == failure.location
    is_truth = failure.symbols.is_truth(expression)
    source = failure.source(failure.location)
    is_iterated = truth_uses.is_iterated(source, failure.location)
    if is_iterated and not is_truth and not _is_range(failure.node):
        return _loop(failure, origin)
    if is_truth or (made_here and not wants_number and not failure.expression.startswith(CASTS)):
        return _branch(failure)
    compared = comparisons.comparison(source, failure.location)
    if compared is not None:
        return _comparison(failure, origin, compared, FLOAT_SYMBOL in expression)
    return _number(failure, origin) if wants_number else _condition(failure, origin, text)


def _origin(failure: Failure, expression: str) -> Location | None:
    """Return where a symbol of an expression was made; in user code for a failure in user code."""
    stack = failure.symbols.origin(expression)
    if stack is None:
        return None
    if failure.stack.library is None and stack.frames:
        return stack.frames[-1].location
    return stack.innermost


def _is_range(node: ast.expr | None) -> bool:
    """Return whether a loop iterates over a ``range``: the number in it is to blame then."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "range"


def _is_index(node: ast.expr | None) -> bool:
    """Return whether an index is taken: a 0-dimensional tensor in it becomes a number."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "select"
    return isinstance(node, ast.Subscript)


def _branch(failure: Failure) -> Finding:
    source = failure.source(failure.location)
    use = truth_uses.use_of_truth(source, failure.location)
    return failure.finding(
        "data-dependent-branch",
        truth_uses.truth_words(source, failure.location),
        remedies=tuple(Remedy(kind, failure.location) for kind in REMEDIES.get(use, ())),
    )


def _comparison(
    failure: Failure, origin: Location | None, compared: ast.Compare, is_float: bool
) -> Finding:
    """A comparison of sizes or numbers: not for ``torch.where``, but a check can decide it."""
    source = failure.source(failure.location)
    use = truth_uses.use_of_truth(source, failure.location)
    place = _place(failure, origin)
    if use == "loop":
        return _finding(failure, origin, truth_uses.use_words(use, place))
    why = f"Its answer depends on the data in {place}, and export has to know it while tracing."
    if is_float or source is None:
        advice = "Compare the tensor itself, without `.item()`, and choose with `torch.where`."
    else:
        likely = truth_uses.likely_condition(source, failure.location, compared)
        advice = _check_advice(failure, likely)
    return _finding(failure, origin, Words("Comparison with tensor data", why, advice))


def _loop(failure: Failure, origin: Location | None) -> Finding:
    return _finding(
        failure,
        origin,
        Words(
            "Loop over a data-dependent length",
            f"The loop needs the length, which depends on the data in {_place(failure, origin)}.",
            "Work on the whole tensor.",
        ),
    )


def _one_hot(failure: Failure) -> Finding:
    return _finding(
        failure,
        None,
        Words(
            "Data-dependent number of classes",
            "The number depends on the data, and export has to know it while tracing.",
            "Give it a fixed `num_classes`.",
        ),
    )


def _number(failure: Failure, origin: Location | None) -> Finding:
    node = failure.node
    place = _place(failure, origin)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
        words = Words(
            "Data-dependent length as a number",
            f"The length depends on the data in {place}, and `len` makes a plain number of it.",
            f"Use `{ast.unparse(node.args[0])}.shape[0]`." if node.args else "Use the shape.",
        )
    elif _is_index(node):
        words = Words("Data-dependent index", _number_depends(place), _index_advice(node))
    else:
        words = Words(
            "Data-dependent number",
            _number_depends(place),
            "Take it from a shape or an integer input, or keep it a tensor.",
        )
    return _finding(failure, origin, words)


def _number_depends(place: str) -> str:
    return (
        f"It needs a number that depends on the data in {place}, and export has to know it while"
        " tracing."
    )


def _index_advice(node: ast.expr | None) -> str:
    index = node.slice if isinstance(node, ast.Subscript) else None
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    slices = [part for part in parts if isinstance(part, ast.Slice)]
    if any(part.lower is not None or part.upper is not None for part in slices):
        return (
            "Choose with a mask instead of a slice: `torch.where` on a comparison with"
            " `torch.arange`."
        )
    return (
        "Index with a tensor that has a dimension (`.reshape(1)`), or use `index_select` or"
        " `index_copy`."
    )


def _condition(failure: Failure, origin: Location | None, text: str) -> Finding:
    """An operator that has to know something about a size."""
    place = _place(failure, origin)
    likely = None
    suggested = SUGGESTED_CHECKS.search(text)
    if suggested is not None:
        condition, opposite = (_tidy(check) for check in suggested.groups())
        likely = opposite if "==" in condition else condition
        why = f"It has to know whether `{condition}`, which depends on the data in {place}."
    else:
        why = (
            f"What it does depends on the data in {place}, and export has to know it while tracing."
        )
    words = Words("Data-dependent size", why, _check_advice(failure, likely))
    return _finding(failure, origin, words)


def _tidy(condition: str) -> str:
    """A condition without torch's superfluous parentheses."""
    try:
        return ast.unparse(ast.parse(condition, mode="eval"))
    except SyntaxError:
        return condition


def _finding(failure: Failure, origin: Location | None, words: Words) -> Finding:
    related: tuple[Related, ...] = ()
    if origin is not None and origin != failure.location:
        related = (Related(origin, "data becomes a size or a number here"),)
    remedies = (
        Remedy("size-branch", failure.location),
        *python_numbers.keep_symbolic(failure),
        *failure.checks(),
    )
    return failure.finding("data-dependent-guard", words, related=related, remedies=remedies)


def _check_advice(failure: Failure, likely: str | None) -> str:
    """Advice to state a condition: one that holds for the example inputs, or else the likely one.

    If the code has a branch for other inputs as well, that is the second best.
    """
    check = _check_from_example(failure)
    holds = check.text if check is not None else likely
    if holds is None:
        return "State what always holds of its sizes before it with `torch._check(…)`."
    stated = f"`torch._check({holds})`"
    if check is not None and check.also:
        names = (f"`{part.text} = {failure.excerpt(part.location)}`" for part in check.also)
        stated += f", with {' and '.join(names)}"
    if check is not None and check.data.get("others") == "taken":
        return (
            "Write it without a branch, e.g. with `min`, `max` or `torch.where`, or, if one side"
            f" always holds, state that before it: {stated}."
        )
    return f"State what always holds before it, e.g. {stated}."


def _check_from_example(failure: Failure) -> Remedy | None:
    """The check that holds for the example inputs, if there is one and it fits on a line."""
    groups: dict[str, Remedy] = {}
    for remedy in failure.checks():
        groups.setdefault(remedy.group, remedy)
    [check] = groups.values() if len(groups) == 1 else [None]
    return None if check is None or "\n" in check.text else check


def _place(failure: Failure, origin: Location | None) -> str:
    """The expression the data comes from; "a tensor" if it is the failing one or too long."""
    if origin is None or origin == failure.location:
        return "a tensor"
    text = failure.excerpt(origin)
    return f"`{text}`" if len(text) <= MAX_ORIGIN else "a tensor"
