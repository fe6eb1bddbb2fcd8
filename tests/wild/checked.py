"""Checks files with export-lsp, by a worker of a library's own interpreter."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from export_lsp.engine.fixing import Budget, FixAllFound, FixFound, with_fixes
from export_lsp.engine.hosts import WorkerHost, open_host
from export_lsp.engine.runs import check_events, run_numbers
from export_lsp.findings import Problem, merge
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import MODES, Check, Finding, Finished, Found

# Seconds that the check of one file may take, and the search for its fixes.
TIMEOUT = 300.0
FIXES = Budget(candidates=6, seconds=120.0)


@dataclass(frozen=True)
class Checked:
    """The problems of a file, the seconds that its check took, and its peak memory in bytes."""

    problems: tuple[Problem, ...]
    seconds: float
    peak_memory: int


@asynccontextmanager
async def worker(python: Path) -> AsyncIterator[WorkerHost]:
    """Context manager with a worker host of an interpreter, ready to check."""
    host = open_host(python, standby=False, log=lambda level, text: None)
    try:
        await host.ready()
        yield host
    finally:
        await host.close()


async def check(host: WorkerHost, file: Path) -> Checked:
    """Check a file as an editor does: default stages, both modes."""
    findings: list[Finding] = []
    peak = 0
    started = time.perf_counter()
    async for event in check_events(host, _request(file), timeout=TIMEOUT):
        if isinstance(event, Found) and not event.early:
            findings.append(event.finding)
        elif isinstance(event, Finished):
            peak = max(peak, event.peak_memory)
    seconds = time.perf_counter() - started
    return Checked(tuple(merge(findings, modes=MODES, severities={})), seconds, peak)


async def fixes_that_export(host: WorkerHost, file: Path) -> list[Fix]:
    """The fixes of a file with which it is said to export."""
    offered: list[Fix] = []
    request = _request(file)
    events = with_fixes(lambda check: check_events(host, check, timeout=TIMEOUT), request, FIXES)
    async for event in events:
        if isinstance(event, FixFound | FixAllFound):
            offered.append(event.fix)
    return [fix for fix in offered if fix.proof == "exports"]


def _request(file: Path) -> Check:
    return Check(next(run_numbers), str(file.parent), str(file))
