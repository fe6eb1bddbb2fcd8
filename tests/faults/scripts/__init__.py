"""Faults that are no model file; each leaves a scene with a server whose host lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.faults.scene import Ended, Scene
from tests.faults.scripts import editors, files, interpreters, processes

Act = Callable[[Scene], Awaitable[Ended]]

ALL: dict[str, Act] = {
    act.__name__: act for act in (*processes.ALL, *interpreters.ALL, *files.ALL, *editors.ALL)
}
