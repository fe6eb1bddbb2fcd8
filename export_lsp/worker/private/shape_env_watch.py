"""Watch a ``ShapeEnv``: the unbacked symbols it makes, its guards, and its data-dependent ones.

Seen in torch 2.6 to 2.13.  Without the ``create_unbacked_*`` methods messages do not say where data
came from, and data-dependent guards have no answers.  Without ``_log_guard`` constraint violations
are located at the declaration.  Without ``evaluate_expr`` a trace ends at its first data-dependent
guard, as torch's own does.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType, TracebackType
from typing import Any, Protocol
from unittest import mock

import sympy
from torch.fx.experimental.symbolic_shapes import ShapeEnv

from export_lsp.worker.private import errors, symbolic_shapes
from export_lsp.worker.private.symbolic_shapes import Number, Question

TRUTH = "create_unbacked_symbool"
CREATORS = ("create_unbacked_symint", "create_unbacked_symfloat", TRUTH)
GUARD = "_log_guard"
EVALUATE = "evaluate_expr"

# Functions of torch that catch the exception of a data-dependent guard (torch 2.13): it is no
# failure of the user's.
CATCHING = frozenset(
    {
        "has_guarding_hint",
        "diff_tensor_meta",
        "_make_cache_entry",
        "_get_output_info_for_cache_entry",
    }
)


class Listener(Protocol):
    """Receives the symbols and guards of a trace; the code that makes them is on the stack."""

    def symbol(self, name: str, *, truth: bool) -> None:
        """Handle a new unbacked symbol; `truth` says that it stands for a truth value."""

    def guard(self, expression: str, sources: frozenset[str]) -> None:
        """Handle a new guard; `sources` are torch's names of the sizes in it."""


# Returns the value of a data-dependent guard, or None to let torch raise.
Answer = Callable[[Question], Number | None]


class ShapeEnvWatch:
    """While active, reports to `listener`, and lets `answer` decide data-dependent guards."""

    def __init__(self, listener: Listener, answer: Answer) -> None:
        self._listener = listener
        self._answer = answer
        self._stack = ExitStack()

    def __enter__(self) -> ShapeEnvWatch:
        symbolic_shapes.ignore_own_frames()
        for name in CREATORS:
            self._patch(name, self._reporting_symbols)
        self._patch(GUARD, self._reporting_guards)
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
        method = getattr(ShapeEnv, name, None)
        if method is not None:
            self._stack.enter_context(mock.patch.object(ShapeEnv, name, wrap(method)))

    def _reporting_symbols(self, create: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(create)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            created = create(*args, **kwargs)
            for symbol in created.node.expr.free_symbols:
                self._listener.symbol(str(symbol), truth=create.__name__ == TRUTH)
            return created

        return wrapper

    def _reporting_guards(self, log: Callable[..., Any]) -> Callable[..., Any]:
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
                if _is_caught_by_torch(sys._getframe(1)):
                    raise
                answer = self._answer(Question(env, expression, error))
                if answer is None:
                    raise
                return _assume(env, expression, answer)

        return wrapper


def _is_caught_by_torch(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name in CATCHING:
            return True
        frame = frame.f_back
    return False


def _assume(env: Any, expression: Any, answer: Number) -> Any:
    """Assert that a guard's expression has this value; return it as ``evaluate_expr`` does."""
    value = sympy.sympify(answer)
    if value is sympy.true:
        fact = expression
    elif value is sympy.false:
        fact = sympy.Not(expression)
    else:
        fact = sympy.Eq(expression, value)
    # A contradiction of an earlier answer, and a comparison of floats, cannot be asserted.
    with contextlib.suppress(Exception):
        env.guard_or_defer_runtime_assert(fact, f"as in the example: {expression} is {value}")
    return value


def _sources(env: Any, guard: Any) -> frozenset[str]:
    """Return torch's names of the sizes in a guard, such as "L['x'].size()[0]"."""
    symbols = guard.free_symbols
    return frozenset(
        name for name, symbol in getattr(env, "source_to_var", {}).items() if symbol in symbols
    )
