"""``torch.fx.experimental.proxy_tensor``: the calls of submodules in a non-strict trace.

Every one passes through ``_ModuleStackTracer.call_module``; a module that two others share comes as
an ``_AttrProxy``.  Seen in torch 2.6 to 2.13.  Where the name is missing no call is noted, so that
there are no early findings.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest import mock

from torch.nn import Module

Note = Callable[[Module, tuple[Any, ...], dict[str, Any]], None]


def watch_calls(note: Note) -> AbstractContextManager[Any]:
    """Within, `note` is told of every call: the module, its arguments and keyword arguments."""
    from torch.fx.experimental import proxy_tensor

    tracer: Any = getattr(proxy_tensor, "_ModuleStackTracer", None)
    shared: Any = getattr(proxy_tensor, "_AttrProxy", ())
    call = getattr(tracer, "call_module", None)
    if call is None:
        return nullcontext()

    @functools.wraps(call)
    def wrapper(self: Any, module: Any, forward: Any, args: Any, kwargs: Any) -> Any:
        # Not to be asked of other modules: the tracer takes an attribute for a part of the path.
        note(module.get_base() if isinstance(module, shared) else module, args, kwargs)
        return call(self, module, forward, args, kwargs)

    return mock.patch.object(tracer, "call_module", wrapper)
