"""Carries out runs: what a run reports becomes the result of its owner."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from pathlib import Path

from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Event, FixEvent, with_fixes
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.recall import Question
from export_lsp.engine.results.store import Results
from export_lsp.engine.runs import run_numbers
from export_lsp.engine.scheduling.interfaces import CarryOut, Memory, Reporter
from export_lsp.engine.scheduling.owner import Basis, Owner
from export_lsp.engine.scheduling.recording import lasting_result, record, settle
from export_lsp.engine.scheduling.run import Durability, Ending, Run
from export_lsp.engine.scheduling.slots import Need, Slots
from export_lsp.protocol import Check, Exited, Finished, Loaded, RunEvent

# After this many runs in a row that ended by a fault, the same content is checked again only when
# the user asks for it.
TRIES = 2


class Runner:
    """Carries out the runs of a schedule, one at a time for each owner.

    Args:
        carry_out: Carries out a check or a trial.
        interpreter: Returns the interpreter that does, None if there is none.
        trial_need: Returns what a trial for an owner needs of the machine.
        request: Requests a check of an owner.
        memory: Gets the results that may be shown again another day.
        results: Gets what runs report.
        reporter: Is notified of each step.
        slots: Bounds the runs of all folders.
    """

    def __init__(
        self,
        *,
        carry_out: CarryOut,
        interpreter: Callable[[], Path | None],
        trial_need: Callable[[Owner], Need],
        request: Callable[[Path], None],
        memory: Memory,
        results: Results,
        reporter: Reporter,
        slots: Slots,
    ) -> None:
        self._carry_out = carry_out
        self._interpreter = interpreter
        self._trial_need = trial_need
        self._request = request
        self._memory = memory
        self._results = results
        self._reporter = reporter
        self._slots = slots

    async def carry_out(self, owner: Owner, run: Run) -> None:
        """Carry out a run, the owner's newest, from start to end."""
        owner.run = run
        owner.basis = Basis(run.check, run.budget, disk.digests([run.check.file]))
        self._reporter.started(owner.file)
        try:
            await self._follow(owner, run)
        except (UnusableInterpreterError, InterpreterError) as error:
            self._reporter.unusable(error)
        finally:
            self._end(owner, run)

    async def _follow(self, owner: Owner, run: Run) -> None:
        check = replace(run.check, run=next(run_numbers), questions=owner.data_dependent)
        events = functools.partial(self._events, owner)
        with_trials = with_fixes(events, check, run.budget, at_once=self._slots.count)
        async with aclosing(with_trials) as stream:
            async for event in stream:
                # The task of a superseded run is cancelled, but asyncio.wait_for of Python 3.11
                # and older may swallow that.
                if owner.has_superseded(run):
                    return
                self._take(owner, run, event)
                if run.is_complete:
                    return
        if run.ending is Ending.FINISHED and not owner.has_superseded(run):
            self._keep(owner, run, complete=True)

    async def _events(self, owner: Owner, check: Check) -> AsyncGenerator[RunEvent, None]:
        """The events of a run's check or of one of its trials, which waits for its own slot."""
        async with AsyncExitStack() as stack:
            if check.texts:
                await stack.enter_async_context(self._slots.taken(self._trial_need(owner)))
            events = await stack.enter_async_context(aclosing(self._carry_out(check)))
            async for event in events:
                yield event

    def _take(self, owner: Owner, run: Run, event: Event) -> None:
        changed = record(self._results, owner.file, run, event)
        if changed:
            self._reporter.results_changed(changed)
        if isinstance(event, FixEvent):
            return
        if isinstance(event, Loaded) and owner.basis is not None:
            owner.basis = replace(
                owner.basis,
                digests={**owner.basis.digests, **event.files},
                observed={**owner.basis.observed, **event.observed},
            )
        elif isinstance(event, Finished):
            owner.peak_memory = event.peak_memory
        self._reporter.event(owner.file, event)
        if isinstance(event, Exited):
            self._settle(owner, run)

    def _settle(self, owner: Owner, run: Run) -> None:
        """The check has ended: its results replace the older ones, whatever its trials prove."""
        run.ending = Ending.FINISHED
        run.slot.release()
        owner.ignores_memory = False
        owner.data_dependent = tuple(sorted(run.data_dependent))
        result = self._results[owner.file]
        changed = settle(self._results, owner.file, run)
        self._reporter.results_changed(changed | set(run.loaded))
        self._limit_basis(owner, run)
        self._keep(owner, run, complete=run.is_complete)
        if any(result.rests_on(file) for file in run.touched):
            self._request(owner.file)
        if not run.is_complete:
            self._reporter.fixing(owner.file)

    def _limit_basis(self, owner: Owner, run: Run) -> None:
        """Let the next request start a run if its result may differ on the same content."""
        if run.durability < Durability.RETRIED:
            return
        if run.durability is Durability.RETRIED and owner.count_fault() >= TRIES:
            return
        owner.basis = None

    def _keep(self, owner: Owner, run: Run, *, complete: bool) -> None:
        """Remember a result that lasts; it is `complete` once all its fixes are there."""
        interpreter = self._interpreter()
        basis = owner.basis
        if basis is None or interpreter is None:
            return
        result = lasting_result(self._results, owner.file, run, basis.digests, complete=complete)
        if result is not None:
            self._memory.keep(Question(basis.check, basis.budget, interpreter), result, run.begun)

    def _end(self, owner: Owner, run: Run) -> None:
        if run.ending is None:
            run.ending = Ending.LOST
            owner.basis = None
            self._results.interrupt(owner.file)
        if not owner.has_superseded(run):
            owner.rest()
        self._reporter.ended(owner.file)
