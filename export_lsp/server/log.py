"""The log, on stderr, written by a thread: an editor may stop reading its server's stderr."""

from __future__ import annotations

import atexit
import logging
import sys
import threading

from export_lsp.server.connection.endpoint import mute_client_errors
from export_lsp.server.connection.outbox import Outbox
from export_lsp.wire import write_all

# The most bytes that wait to be written; lines beyond them are dropped.
BUFFER_LIMIT = 2**20
# How long the last lines may take to be read at exit, in seconds.
PATIENCE = 1.0


def log_to_stderr() -> None:
    """Write log records to stderr: warnings of any package, and this package's from info on."""
    handler = _StderrHandler(sys.stderr.fileno())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("export_lsp").setLevel(logging.INFO)
    mute_client_errors()


class _StderrHandler(logging.Handler):
    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines = Outbox(high_water=BUFFER_LIMIT)
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
                # The log has no reader, so this cannot be logged.
                self._lines.close(discard=True)

    def _finish(self) -> None:
        self._lines.close()
        self._thread.join(PATIENCE)
