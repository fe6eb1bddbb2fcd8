"""Limits of the events of a run: its events are kept until they are read and shown."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.protocol import Found, Output, RunEvent

# Far more than any file's check reports.
MAX_EVENTS = 50_000
MAX_FINDINGS = 5_000
MAX_BYTES = 16 << 20


@dataclass
class Volume:
    """The events that one run has sent; printed output does not count, it is cut elsewhere."""

    events: int = 0
    findings: int = 0
    size: int = 0

    def add(self, event: RunEvent, size: int) -> bool:
        """Add an event of this many bytes; return False if that is more than a run may send."""
        if isinstance(event, Output):
            return True
        self.events += 1
        self.findings += isinstance(event, Found)
        self.size += size
        return (
            self.events <= MAX_EVENTS and self.findings <= MAX_FINDINGS and self.size <= MAX_BYTES
        )
