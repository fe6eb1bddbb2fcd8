"""The log, on stderr: written by a thread, since not every editor reads it."""

from __future__ import annotations

import atexit
import logging
import sys
import threading

from export_lsp.server.connection.outbox import Outbox
from export_lsp.server.connection.protocol import mute_pygls
from export_lsp.wire import write_all

# So many bytes may wait; what is logged beyond them is lost.
KEPT = 2**20
# How long the last lines may take to be read, in seconds.
PATIENCE = 1.0


def log_to_stderr() -> None:
    """Log warnings of all, and what is ours from level info on."""
    handler = _Stderr(sys.stderr.fileno())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("export_lsp").setLevel(logging.INFO)
    mute_pygls()


class _Stderr(logging.Handler):
    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines = Outbox(high_water=KEPT)
        self._thread = threading.Thread(target=self._write, name="logging", daemon=True)
        self._thread.start()
        atexit.register(self._finish)

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record) + "\n"
        self._lines.put(line.encode("utf-8", "backslashreplace"), optional=True)

    def _write(self) -> None:
        while (data := self._lines.take()) is not None:
            try:
                write_all(self._descriptor, data)
            except OSError:
                # Nobody reads the log any more, so there is nowhere to say so.
                self._lines.close(discard=True)

    def _finish(self) -> None:
        self._lines.close()
        self._thread.join(PATIENCE)
