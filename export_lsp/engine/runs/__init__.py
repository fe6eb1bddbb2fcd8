"""Carries out one check in as many runs as it takes; a run that breaks off becomes a finding.

`check_events` yields the events of a check, `progress` follows a run to know what it was doing
when it broke off and what is left to check, and `faults` has the findings for broken-off runs.
"""

from __future__ import annotations

from export_lsp.engine.runs.check_events import check_events, run_numbers

__all__ = ["check_events", "run_numbers"]
