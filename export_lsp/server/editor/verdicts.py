"""The notification ``$/exportLsp/verdict``, for each file whose verdict has changed.

Its parameters are the file's `uri`, and `verdict`: null if there is nothing to say about the file,
or what the request ``exportLsp/verdicts`` has for it.  The name begins with ``$/``, so that clients
that do not know it say nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# How long typing has to pause until the verdicts that rest on the text are looked at, in seconds.
PAUSE = 0.3


class VerdictNews:
    """Sends the verdicts that have changed, once in a turn of the event loop.

    Args:
        verdict: Returns the verdict on a file as it is sent, None for none.
        files: Returns the files that may have a verdict.
        judged_by: Returns the files whose verdicts a file's text may change.
        send: Sends the verdict on a file.
        sent: Called after something was sent.
    """

    def __init__(
        self,
        verdict: Callable[[Path], dict[str, Any] | None],
        files: Callable[[], Iterable[Path]],
        judged_by: Callable[[Path], Iterable[Path]],
        send: Callable[[Path, dict[str, Any] | None], None],
        sent: Callable[[], None],
    ) -> None:
        self._verdict = verdict
        self._files = files
        self._judged_by = judged_by
        self._send = send
        self._notify_sent = sent
        self._sent: dict[Path, dict[str, Any]] = {}
        self._due: set[Path] = set()
        self._all_due = False
        self._typed: set[Path] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    def update(self, *files: Path) -> None:
        """Look again at the verdicts on some files, or on all of them if none is given."""
        if not self._due and not self._all_due:
            asyncio.get_running_loop().call_soon(self._flush)
        self._due.update(files)
        self._all_due |= not files

    def changed(self, file: Path) -> None:
        """Look again at the verdicts that rest on a file: its text is another one."""
        self.update(*self._judged_by(file))

    def typed(self, file: Path) -> None:
        """Look again at the verdicts that rest on a file once typing pauses."""
        self._typed.add(file)
        if self._pause is not None:
            self._pause.cancel()
        self._pause = asyncio.get_running_loop().call_later(PAUSE, self._end_pause)

    def _end_pause(self) -> None:
        files, self._typed = self._typed, set()
        for file in files:
            self.changed(file)

    def text(self, file: Path) -> str | None:
        """Return the text of the verdict on a file, None if there is none or a check goes on."""
        verdict = self._verdict(file)
        return None if verdict is None or verdict["state"] == "checking" else verdict["text"]

    async def news(self) -> None:
        """Wait until the verdicts have been looked at again."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    def _flush(self) -> None:
        files = {*self._sent, *self._files()} if self._all_due else set(self._due)
        self._due.clear()
        self._all_due = False
        sent = [file for file in sorted(files) if self._update(file)]
        if sent:
            self._notify_sent()
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def _update(self, file: Path) -> bool:
        """Send the verdict on a file if it has changed; return whether it has."""
        new = self._verdict(file)
        if new == self._sent.get(file):
            return False
        self._send(file, new)
        if new is None:
            del self._sent[file]
        else:
            self._sent[file] = new
        return True
