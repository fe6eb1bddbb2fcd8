"""The process that a host serves: the server, or the host that it was forked from."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp import wire
from export_lsp.protocol import Message


@dataclass(frozen=True)
class Upstream:
    """The pipes to and from the process that a host serves.

    Commands are read from the descriptor `commands`; events are written to `events`.  All methods
    raise BrokenPipeError if that process is gone.
    """

    commands: int
    events: int
    is_server: bool = False

    def send(self, message: Message) -> None:
        wire.send(self.events, message)

    def forward(self, line: bytes) -> None:
        """Send an encoded message, given without its newline."""
        wire.write_all(self.events, line + b"\n")

    def forward_imports(self, line: bytes) -> None:
        """Send an encoded `Imported`, which only hosts use: the server does not receive it."""
        if not self.is_server:
            self.forward(line)
