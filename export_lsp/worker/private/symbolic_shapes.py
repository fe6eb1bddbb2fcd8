"""``torch.fx.experimental.symbolic_shapes``: unbacked symbols and guards as they are made.

Seen in torch 2.6 to 2.13.  Without the ``create_unbacked_*`` methods messages do not say where data
came from and data-dependent guards have no answers; without ``_log_guard`` constraint violations
are shown at the declaration; without ``evaluate_expr`` a trace ends at its first data-dependent
guard, as torch's own does.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Protocol
from unittest import mock

import sympy
import torch
from sympy.logic.boolalg import BooleanFunction

from export_lsp.worker.private import errors

TRUTH = "create_unbacked_symbool"
CREATORS = ("create_unbacked_symint", "create_unbacked_symfloat", TRUTH)
GUARD = "_log_guard"
EVALUATE = "evaluate_expr"

# Functions of torch that ask and are content with no answer (torch 2.13): what they catch is
# no failure of the user's.
CONTENT = frozenset(
    {
        "has_guarding_hint",
        "diff_tensor_meta",
        "_make_cache_entry",
        "_get_output_info_for_cache_entry",
    }
)

Number = bool | int | float


@dataclass(frozen=True)
class Question:
    """A data-dependent guard: what has to be known, and the exception that says it is not."""

    environment: Any
    expression: Any
    error: BaseException

    @property
    def is_truth(self) -> bool:
        """Whether the answer is yes or no."""
        return isinstance(self.expression, (sympy.Rel, BooleanFunction))

    def answer(self, numbers: Mapping[str, Number]) -> Number | None:
        """The expression's value where its unbacked symbols have these; None if one is missing."""
        known = {
            symbol: sympy.sympify(int(number) if isinstance(number, bool) else number)
            for symbol in self.expression.free_symbols
            if (number := numbers.get(str(symbol))) is not None
        }
        value = self.expression.xreplace(known).xreplace(_hints(self.environment))
        if value in (sympy.true, sympy.false):
            return bool(value)
        if not value.is_number:
            return None
        return int(value) if value.is_integer else float(value)


def _hints(environment: Any) -> Any:
    """The example's sizes by their symbols; ``var_to_val`` before torch 2.10."""
    hints = getattr(environment, "backed_var_to_val", None)
    return hints if hints is not None else getattr(environment, "var_to_val", {})


class Listener(Protocol):
    """Who wants to know."""

    def symbol(self, name: str, *, truth: bool) -> None:
        """An unbacked symbol was made; `truth` says that it stands for a truth value."""

    def guard(self, expression: str, sources: frozenset[str]) -> None:
        """A guard was added; `sources` are torch's names of the sizes in it."""


Answer = Callable[[Question], "Number | None"]


class ShapeEnvWatch:
    """Within, `listener` is told of every unbacked symbol and guard, and `answer` is asked where a
    guard depends on data; with None torch raises."""

    def __init__(self, listener: Listener, answer: Answer) -> None:
        self._listener = listener
        self._answer = answer
        self._stack = ExitStack()

    def __enter__(self) -> ShapeEnvWatch:
        for name in CREATORS:
            self._patch(name, self._noting_symbols)
        self._patch(GUARD, self._noting_guards)
        self._patch(EVALUATE, self._answering)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _patch(self, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        from torch.fx.experimental.symbolic_shapes import ShapeEnv

        method = getattr(ShapeEnv, name, None)
        if method is not None:
            self._stack.enter_context(mock.patch.object(ShapeEnv, name, wrap(method)))

    def _noting_symbols(self, create: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(create)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            created = create(*args, **kwargs)
            for symbol in created.node.expr.free_symbols:
                self._listener.symbol(str(symbol), truth=create.__name__ == TRUTH)
            return created

        return wrapper

    def _noting_guards(self, log: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(log)
        def wrapper(env: Any, prefix: str, guard: Any, *args: Any, **kwargs: Any) -> Any:
            self._listener.guard(str(guard), _sources(env, guard))
            return log(env, prefix, guard, *args, **kwargs)

        return wrapper

    def _answering(self, evaluate: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(evaluate)
        def wrapper(env: Any, expression: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return evaluate(env, expression, *args, **kwargs)
            except errors.DATA_DEPENDENT_GUARD as error:
                if _content_without(sys._getframe(1)):
                    raise
                answer = self._answer(Question(env, expression, error))
                if answer is None:
                    raise
                return _assume(env, expression, answer)

        return wrapper


def _content_without(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name in CONTENT:
            return True
        frame = frame.f_back
    return False


def _assume(env: Any, expression: Any, answer: Number) -> Any:
    """Assert that a guard's expression has this value, and give it as ``evaluate_expr`` does."""
    value = sympy.sympify(answer)
    if value is sympy.true:
        fact = expression
    elif value is sympy.false:
        fact = sympy.Not(expression)
    else:
        fact = sympy.Eq(expression, value)
    # What contradicts an earlier answer, or compares floats, cannot be asserted.
    with contextlib.suppress(Exception):
        env.guard_or_defer_runtime_assert(fact, f"as in the example: {expression} is {value}")
    return value


def suggest_checks(error: BaseException) -> None:
    """Let torch add its offer of ``torch._check``s to a data-dependent guard's text, in the names
    of the running frame's variables."""
    from torch.fx.experimental import symbolic_shapes

    suggest = getattr(symbolic_shapes, "_suggest_fixes_for_data_dependent_error_non_strict", None)
    if suggest is not None:
        with contextlib.suppress(Exception):
            suggest(error)


def expression_of(value: Any) -> Any:
    """The sympy expression of a symbolic number; None for anything else."""
    if isinstance(value, (torch.SymInt, torch.SymFloat, torch.SymBool)):
        return getattr(getattr(value, "node", None), "expr", None)
    return None


def python(expression: Any) -> str:
    """A sympy expression in Python's syntax, torch's own functions included.

    ``PythonPrinter`` is there from torch 2.6 to 2.13; without it conditions with divisions are not
    to be written.
    """
    from torch.utils._sympy.printers import PythonPrinter

    text: str = PythonPrinter().doprint(expression)
    return text


def _sources(env: Any, guard: Any) -> frozenset[str]:
    """torch's names of the sizes in a guard: "L['x'].size()[0]"."""
    symbols = guard.free_symbols
    return frozenset(
        name for name, symbol in getattr(env, "source_to_var", {}).items() if symbol in symbols
    )
