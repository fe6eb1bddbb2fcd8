"""``torch.fx.experimental.proxy_tensor``: the calls of submodules in a non-strict trace.

Every call passes through ``_ModuleStackTracer.call_module``.  A module that is shared by two others
is passed as an ``_AttrProxy``, and so it is ``self`` in its own methods.

Seen in torch 2.6 to 2.13.  Without the tracer no call is recorded, so that there are no early
findings.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest import mock

from torch.fx.experimental import proxy_tensor
from torch.nn import Module

# Takes a module, its arguments and its keyword arguments.
Note = Callable[[Module, tuple[Any, ...], dict[str, Any]], None]

_PROXY: Any = getattr(proxy_tensor, "_AttrProxy", ())


def watch_calls(note: Note) -> AbstractContextManager[Any]:
    """Context manager in which `note` is called before every call of a submodule is traced."""
    tracer: Any = getattr(proxy_tensor, "_ModuleStackTracer", None)
    call = getattr(tracer, "call_module", None)
    if call is None:
        return nullcontext()

    @functools.wraps(call)
    def wrapper(self: Any, module: Any, forward: Any, args: Any, kwargs: Any) -> Any:
        note(itself(module), args, kwargs)
        return call(self, module, forward, args, kwargs)

    return mock.patch.object(tracer, "call_module", wrapper)


def itself(module: Any) -> Any:
    """Return the module that a trace passes as a proxy; any other module is returned as it is."""
    # `get_base` exists on proxies only: the tracer would take it for an attribute of a module.
    return module.get_base() if isinstance(module, _PROXY) else module
