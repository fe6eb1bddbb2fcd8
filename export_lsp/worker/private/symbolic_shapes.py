"""``torch.fx.experimental.symbolic_shapes``: unbacked symbols and guards as they are made.

Seen in torch 2.6 to 2.13.  Without the ``create_unbacked_*`` methods messages do not say where data
came from; without ``_log_guard`` constraint violations are shown at the declaration.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any
from unittest import mock

TRUTH = "create_unbacked_symbool"
CREATORS = ("create_unbacked_symint", "create_unbacked_symfloat", TRUTH)
GUARD = "_log_guard"


class Recording:
    """Within, `symbol` is called with the name of each unbacked symbol right after its creation and
    whether it is a truth value, `guard` with each guard's text and torch's names of its sizes."""

    def __init__(
        self, symbol: Callable[[str, bool], None], guard: Callable[[str, frozenset[str]], None]
    ) -> None:
        self._symbol = symbol
        self._guard = guard
        self._stack = ExitStack()

    def __enter__(self) -> Recording:
        for name in CREATORS:
            self._patch(name, self._noting_symbols)
        self._patch(GUARD, self._noting_guards)
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
                self._symbol(str(symbol), create.__name__ == TRUTH)
            return created

        return wrapper

    def _noting_guards(self, log: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(log)
        def wrapper(env: Any, prefix: str, guard: Any, *args: Any, **kwargs: Any) -> Any:
            self._guard(str(guard), _sources(env, guard))
            return log(env, prefix, guard, *args, **kwargs)

        return wrapper


def _sources(env: Any, guard: Any) -> frozenset[str]:
    """torch's names of the sizes in a guard: "L['x'].size()[0]"."""
    symbols = guard.free_symbols
    return frozenset(
        name for name, symbol in getattr(env, "source_to_var", {}).items() if symbol in symbols
    )
