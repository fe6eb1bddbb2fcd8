"""Takes what a run reports into the results of its owner, for an editor or for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from export_lsp.engine.fixing import Event, FixEvent, FixExpected, FixFound, NoFixFound
from export_lsp.engine.recall import PastResult
from export_lsp.engine.results.kinds import OUTCOME
from export_lsp.engine.results.store import Results
from export_lsp.engine.scheduling.run import Durability, Run
from export_lsp.protocol import (
    Costs,
    Found,
    Insight,
    Loaded,
    RunEvent,
    StageEntered,
    TargetEnded,
    TargetsFound,
)


def record(results: Results, file: Path, run: Run, event: Event) -> set[str]:
    """Take an event of an owner's run, or of the search for fixes, into the run and the results.

    Returns:
        The files whose display may have changed.
    """
    if isinstance(event, FixEvent):
        return _record_fix(results, file, event)
    run.note(event)
    return _record_event(results, file, run, event)


def _record_event(results: Results, file: Path, run: Run, event: RunEvent) -> set[str]:
    result = results[file]
    if isinstance(event, Found):
        return results.add(file, event.finding, early=event.early)
    if isinstance(event, TargetEnded):
        results.report(file, OUTCOME, event.outcome)
    elif isinstance(event, Insight):
        results.add_values(file, event)
    elif isinstance(event, Costs):
        results.add_costs(file, event)
    elif isinstance(event, Loaded):
        result.loaded = {**result.loaded, **event.files}
        result.observed = {**result.observed, **event.observed}
    elif isinstance(event, StageEntered) and event.mode is not None:
        result.modes = {**result.modes, event.target: run.modes[event.target]}
    elif isinstance(event, TargetsFound):
        result.targets = event.targets
    return set()


def _record_fix(results: Results, file: Path, event: FixEvent) -> set[str]:
    if isinstance(event, FixFound):
        return results.offer(file, event.finding, event.fix)
    if isinstance(event, FixExpected):
        return results.expect(file, event.finding, event.fix)
    if isinstance(event, NoFixFound):
        return results.note_no_fix(file, event.finding, event.reason)
    results.offer_fix_all(file, event.fix)
    return set()


def settle(results: Results, file: Path, run: Run) -> set[str]:
    """Let the results of a run whose check has ended replace the owner's older ones.

    Returns:
        The files whose display may have changed.
    """
    result = results[file]
    result.loaded = run.loaded or result.loaded
    result.observed = run.observed or result.observed
    result.modes = run.modes
    return results.settle(file)


def lasting_result(
    results: Results, file: Path, run: Run, digests: Mapping[str, str | None], *, complete: bool
) -> PastResult | None:
    """Return the settled result of a run to be remembered, None if it may not last.

    Args:
        results: The results.
        file: The owner.
        run: Its run.
        digests: The digests of the files that the run has read, its own file among them.
        complete: All fixes are there.
    """
    if run.durability > Durability.LASTING:
        return None
    read = {name: digest for name, digest in digests.items() if digest}
    return PastResult.of(results[file], read, run.observed, complete=complete)
