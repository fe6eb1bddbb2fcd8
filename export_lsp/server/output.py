"""What checked files print: to the editor's output channel, and kept for ``showOutput``."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

# Characters of one run that reach the editor, and of all runs that are kept.
RUN_LIMIT = 64_000
KEPT = 256_000


class Output:
    """Passes on what runs print, up to a limit a run.  `write` gets whole chunks of text."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._said: dict[Path, int] = {}
        self._kept: deque[str] = deque()
        self._size = 0

    def started(self, file: Path) -> None:
        """A run begins with nothing said."""
        self._said[file] = 0

    def printed(self, file: Path, text: str) -> None:
        """A run has printed something."""
        said = self._said.get(file, 0)
        if not text.strip() or said >= RUN_LIMIT:
            return
        self._said[file] = said + len(text)
        if said + len(text) >= RUN_LIMIT:
            text = f"{text[: RUN_LIMIT - said]}\n[{file.name} printed more; the rest is left out]"
        self._keep(text)
        self._write(f"{file.name}: {text.rstrip()}")

    def ended(self, file: Path) -> None:
        """A run is over."""
        self._said.pop(file, None)

    def save(self, file: Path) -> None:
        """Write what is kept to a file only the user can read.

        Raises:
            OSError: it cannot be written.
        """
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as stream:
            stream.writelines(self._kept)

    def _keep(self, text: str) -> None:
        self._kept.append(text)
        self._size += len(text)
        while self._size > KEPT and len(self._kept) > 1:
            self._size -= len(self._kept.popleft())
