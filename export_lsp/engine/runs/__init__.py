"""One check as its consumers see it: runs that break off are findings, restarts stay inside.

`check_events` yields the events of a check, `progress` follows a run to know what it was doing
when it broke off and what is left to check, and `faults` has the findings for broken-off runs.
"""

from __future__ import annotations

from export_lsp.engine.runs.check_events import check_events, run_numbers

__all__ = ["check_events", "run_numbers"]
