"""The notification ``exportLsp/status`` with {health, busy, message}, for all folders together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Health = Literal["ok", "warning", "error"]
_ORDER: tuple[Health, ...] = ("ok", "warning", "error")


@dataclass(frozen=True)
class State:
    """The state of one folder, or of all together; `message` is one sentence or ""."""

    health: Health = "ok"
    busy: bool = False
    message: str = ""


def combined(states: Iterable[State]) -> State:
    """Return the worst health with its message, busy if any state is."""
    states = list(states)
    worst = max(states, key=lambda s: (_ORDER.index(s.health), s.busy), default=State())
    return State(worst.health, any(state.busy for state in states), worst.message)


class Status:
    """Sends the combined state of all folders whenever it has changed.

    Updates are batched: at most one notification is sent in a turn of the event loop.
    """

    def __init__(
        self, send: Callable[[dict[str, Any]], None], states: Callable[[], Iterable[State]]
    ) -> None:
        self._send = send
        self._states = states
        self._sent: State | None = None
        self._due = False

    def update(self) -> None:
        """Look at the state again: it may have changed."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._due = False
        state = combined(self._states())
        if state != self._sent:
            self._sent = state
            self._send(asdict(state))
