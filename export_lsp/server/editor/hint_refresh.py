"""Makes the client ask for inlay hints again when they have changed (LSP 3.17, Inlay Hint)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable


class HintRefresh:
    """Asks the client to refresh, at most once in a turn of the event loop.

    A refresh concerns all documents, so that the client is left alone while `hints` returns the
    same.

    Args:
        hints: Returns the hints of all open documents.
        refresh: Sends the request.
    """

    def __init__(self, hints: Callable[[], Hashable], refresh: Callable[[], None]) -> None:
        self._hints = hints
        self._refresh = refresh
        self._sent: Hashable = ()
        self._due = False

    def changed(self) -> None:
        """Refresh soon: the values of some file may have changed."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._due = False
        new = self._hints()
        if new != self._sent:
            self._sent = new
            self._refresh()
