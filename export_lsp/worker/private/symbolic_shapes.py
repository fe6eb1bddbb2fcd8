"""``torch.fx.experimental.symbolic_shapes``: unbacked symbols as they are made.

Seen in torch 2.6 to 2.13.  Where a method is missing, messages do not say where data came from.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any
from unittest import mock

from torch.fx.experimental.symbolic_shapes import ShapeEnv

CREATORS = ("create_unbacked_symint", "create_unbacked_symfloat", "create_unbacked_symbool")


class Recording:
    """Within, `note` is called with the name of each unbacked symbol right after its creation."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._stack = ExitStack()

    def __enter__(self) -> Recording:
        for name in CREATORS:
            create = getattr(ShapeEnv, name, None)
            if create is not None:
                self._stack.enter_context(
                    mock.patch.object(ShapeEnv, name, self._noting(create))
                )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _noting(self, create: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(create)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            created = create(*args, **kwargs)
            for symbol in created.node.expr.free_symbols:
                self._note(str(symbol))
            return created

        return wrapper
