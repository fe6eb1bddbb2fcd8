"""Searches that the user has asked for: one for each file, with a progress bar that cancels it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Generic, TypeVar

from lsprotocol import types

from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.server.editor.client import Client
from export_lsp.server.editor.progress import ProgressBars

Found = TypeVar("Found")


class Searches(Generic[Found]):
    """The searches of one kind in one folder.

    Args:
        client: Shows the progress, and why a search cannot be carried out.
        doing: What the bar says before the name of the file.
    """

    def __init__(self, client: Client, doing: str) -> None:
        self._client = client
        self._doing = doing
        self._running: dict[Path, asyncio.Task[Found]] = {}
        self._progress = ProgressBars(client, self._cancel)

    def __contains__(self, file: Path) -> bool:
        """Return whether a search for a file goes on."""
        return file in self._running

    async def run(self, file: Path, work: Coroutine[Any, Any, Found]) -> Found | None:
        """Carry out a search; None if the user has cancelled it, or no interpreter can do it."""
        self._progress.started(file, self._doing)
        task = self._running[file] = asyncio.ensure_future(work)
        try:
            return await task
        except asyncio.CancelledError:
            return None
        except (InterpreterError, UnusableInterpreterError) as error:
            self._client.show(types.MessageType.Error, str(error))
            return None
        finally:
            del self._running[file]
            self._progress.ended(file, None)

    def tell(self, file: Path, text: str) -> None:
        """Show a text in the progress bar of a file."""
        self._progress.told(file, text)

    def _cancel(self, file: Path) -> None:
        if file in self._running:
            self._running[file].cancel()
