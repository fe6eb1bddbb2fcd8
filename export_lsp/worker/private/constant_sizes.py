"""``ShapeEnv._set_replacement``: sizes that become constants during an export.

Seen in torch 2.6 to 2.13.  Without it a size that became a constant is shown at its entry of
``dynamic_shapes`` instead of the expression that made it one.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from torch.fx.experimental.symbolic_shapes import ShapeEnv

METHOD = "_set_replacement"


@contextlib.contextmanager
def watch_constants(became_constant: Callable[[frozenset[str]], None]) -> Iterator[None]:
    """Context manager in which sizes that become constants are reported.

    Args:
        became_constant: Called with torch's names of the sizes, from inside of the expression that
            made them constants.  Called without names if none of the inputs' sizes became one.
    """
    replace: Any = getattr(ShapeEnv, METHOD, None)
    if replace is None:
        yield
        return

    @functools.wraps(replace)
    def wrapper(env: Any, symbol: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
        if not getattr(target, "is_number", False):
            return replace(env, symbol, target, *args, **kwargs)
        before = _symbolic(env)
        result = replace(env, symbol, target, *args, **kwargs)
        became_constant(before - _symbolic(env))
        return result

    with mock.patch.object(ShapeEnv, METHOD, wrapper):
        yield


def _symbolic(env: Any) -> frozenset[str]:
    """Return torch's names of the sizes that can still vary."""
    sources = getattr(env, "source_to_var", {})
    return frozenset(name for name, size in sources.items() if not _resolved(env, size).is_number)


def _resolved(env: Any, size: Any) -> Any:
    """Return a size after all replacements, which may be chained."""
    for _ in range(len(env.replacements)):
        replaced = size.xreplace(env.replacements)
        if replaced == size:
            break
        size = replaced
    return size


def is_constant(size: Any) -> bool:
    """Return whether a size or number in a program is constant, even if it is a `SymInt`."""
    if isinstance(size, int):
        return True
    expression = getattr(getattr(size, "node", None), "expr", None)
    return bool(getattr(expression, "is_number", False))
