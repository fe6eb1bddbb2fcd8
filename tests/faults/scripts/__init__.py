"""Faults that are not model files; after each, the sandbox has a server and a live host."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.faults.sandbox import Effect, Sandbox
from tests.faults.scripts import (
    bases,
    editors,
    files,
    interpreters,
    processes,
    remembered_results,
    settings,
    sockets,
    trust,
)

Cause = Callable[[Sandbox], Awaitable[Effect]]

# In the order in which they are caused.
SCRIPTS = (
    processes,
    interpreters,
    files,
    settings,
    bases,
    editors,
    remembered_results,
    sockets,
    trust,
)

ALL: dict[str, Cause] = {cause.__name__: cause for module in SCRIPTS for cause in module.ALL}
