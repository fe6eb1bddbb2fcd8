"""Sizes, numbers and branches that depend on tensor data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from export_lsp.protocol import Finding, Related
from export_lsp.worker import locate
from export_lsp.worker.failure import Failure
from export_lsp.worker.locate import Frame
from export_lsp.worker.private import errors

if TYPE_CHECKING:
    from export_lsp.worker.stages.build import Built

# Operators whose only use is as a Python truth value.
PREDICATES = ("aten.allclose", "aten.equal", "aten.is_nonzero")

DYNAMO_BRANCH = "Data-dependent branching"

CASTS = ("int(", "float(")

# A longer origin makes the sentence unreadable; it stays related information.
ORIGIN_LENGTH = 60


def explain(failure: Failure, built: Built) -> Finding | None:
    links = list(locate.chain(failure.error))
    guard = errors.find(links, errors.DATA_DEPENDENT_GUARD)
    if guard is not None:
        return _guard(failure, str(getattr(guard, "cond", "")), str(guard))
    if "data-dependent expression" in failure.text:
        return _guard(failure, failure.text, failure.text)
    output = errors.find(links, errors.DATA_DEPENDENT_OUTPUT)
    if output is not None:
        operator = str(getattr(output, "func", ""))
        return _branch(failure) if operator.startswith(PREDICATES) else _value(failure, None)
    if DYNAMO_BRANCH in (getattr(failure.error, "gb_type", None) or failure.text[:80]):
        return _branch(failure)
    return None


def _guard(failure: Failure, expression: str, text: str) -> Finding:
    origin = failure.symbols.origin(expression) or failure.symbols.origin(text)
    concrete = "extract specialized" in text or expression.startswith(("u", "zuf"))
    same_place = origin is not None and origin.location == failure.location
    if failure.symbols.is_truth(expression) or (
        same_place and not concrete and not failure.expression.startswith(CASTS)
    ):
        return _branch(failure)
    if concrete:
        return _value(failure, origin)
    return failure.finding(
        "data-dependent-guard",
        f"`{failure.expression}` depends on the data{_from(failure, origin)}; export has to know"
        " it while tracing. Say what always holds with `torch._check(…)` before it, or compute"
        " with tensors (`torch.where`)",
        related=_origin_related(failure, origin),
    )


def _branch(failure: Failure) -> Finding:
    return failure.finding(
        "data-dependent-branch",
        f"Which way `{failure.expression}` goes depends on the data in a tensor; export traces"
        " without data and cannot follow both. Use `torch.where` or `torch.cond`",
    )


def _value(failure: Failure, origin: Frame | None) -> Finding:
    return failure.finding(
        "data-dependent-guard",
        f"`{failure.expression}` needs a number that depends on the data"
        f"{_from(failure, origin)}; export has to know it while tracing. Take it from a shape or"
        " an integer input, or keep it a tensor",
        related=_origin_related(failure, origin),
    )


def _from(failure: Failure, origin: Frame | None) -> str:
    """Where the data comes from, " in `x[mask]`"; nothing if that is the expression itself."""
    if origin is None or origin.location == failure.location:
        return " in a tensor"
    text = failure.excerpt(origin.location)
    return f" in `{text}`" if len(text) <= ORIGIN_LENGTH else " in a tensor"


def _origin_related(failure: Failure, origin: Frame | None) -> tuple[Related, ...]:
    if origin is None or origin.location == failure.location:
        return ()
    return (Related(origin.location, "data becomes a size or a number here"),)
