"""The output of checked files: sent to the editor's output channel, kept for ``showOutput``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from export_lsp.engine.files.private_files import write_private

# How much of one run's output reaches the editor, in characters.
RUN_LIMIT = 64_000
# How much of all runs' output is kept, in characters.
KEPT_LIMIT = 256_000


class PrintedText:
    """Passes the output of runs to `write` in chunks, each run's up to a limit."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._printed: dict[Path, int] = {}
        self._kept: deque[str] = deque()
        self._size = 0

    def started(self, file: Path) -> None:
        """Count from zero: a run of the file has started."""
        self._printed[file] = 0

    def printed(self, file: Path, text: str) -> None:
        """Pass on what the run of a file has printed, unless that exceeds the limit."""
        before = self._printed.get(file, 0)
        if not text.strip() or before >= RUN_LIMIT:
            return
        self._printed[file] = before + len(text)
        if before + len(text) >= RUN_LIMIT:
            text = f"{text[: RUN_LIMIT - before]}\n[{file.name} printed more; the rest is left out]"
        self._keep(text)
        self._write(f"{file.name}: {text.rstrip()}")

    def ended(self, file: Path) -> None:
        """Forget the count: the run of the file has ended."""
        self._printed.pop(file, None)

    def save(self, file: Path) -> None:
        """Write the kept output to a file that only the user can read.

        Raises:
            OSError: It cannot be written.
        """
        write_private(file, "".join(self._kept).encode("utf-8", "replace"))

    def _keep(self, text: str) -> None:
        self._kept.append(text)
        self._size += len(text)
        while self._size > KEPT_LIMIT and len(self._kept) > 1:
            self._size -= len(self._kept.popleft())
