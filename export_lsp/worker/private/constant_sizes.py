"""``ShapeEnv._set_replacement``: sizes that become constants while an export goes on.

Seen in torch 2.6 to 2.13.  Without it, what became a constant is shown at its entry of
dynamic_shapes instead of the expression that did it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

METHOD = "_set_replacement"


@contextlib.contextmanager
def watch_constants(became_constant: Callable[[frozenset[str]], None]) -> Iterator[None]:
    """Within, `became_constant` is called with torch's names of the sizes that just became one."""
    from torch.fx.experimental.symbolic_shapes import ShapeEnv

    replace: Any = getattr(ShapeEnv, METHOD, None)
    if replace is None:
        yield
        return

    @functools.wraps(replace)
    def wrapper(env: Any, symbol: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
        if not getattr(target, "is_number", False):
            return replace(env, symbol, target, *args, **kwargs)
        open_before = _symbolic(env)
        result = replace(env, symbol, target, *args, **kwargs)
        became_constant(open_before - _symbolic(env))
        return result

    with mock.patch.object(ShapeEnv, METHOD, wrapper):
        yield


def _symbolic(env: Any) -> frozenset[str]:
    """torch's names of the sizes that may still vary."""
    sources = getattr(env, "source_to_var", {})
    return frozenset(name for name, size in sources.items() if not _resolved(env, size).is_number)


def _resolved(env: Any, size: Any) -> Any:
    """A size after all replacements, which may be chained."""
    for _ in range(len(env.replacements)):
        replaced = size.xreplace(env.replacements)
        if replaced == size:
            break
        size = replaced
    return size


def is_constant(size: Any) -> bool:
    """Whether a size or number of a program is one number, be it as a symbolic integer."""
    if isinstance(size, int):
        return True
    expression = getattr(getattr(size, "node", None), "expr", None)
    return bool(getattr(expression, "is_number", False))
