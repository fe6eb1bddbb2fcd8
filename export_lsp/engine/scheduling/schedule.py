"""When to check which file of a workspace folder: one actor, on the event loop.

A file whose targets are checked is an *owner*.  Every request for one has a generation; a newer
request kills the owner's run before anything else, and what an older generation still says is
ignored.  A request for content that was already checked, dependencies included, starts nothing.

A run's results are settled as soon as its process has ended; the trials of fixes that follow belong
to it and end with it.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from export_lsp.engine.files import disk
from export_lsp.engine.files.missing import misses_something
from export_lsp.engine.fixing import Budget, Event, Expected, Offered, OfferedWhole, with_fixes
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.recall import PastResult, Question
from export_lsp.engine.results.store import Results
from export_lsp.engine.runs import numbers
from export_lsp.engine.scheduling.owner import Basis, Owner, Phase, Run
from export_lsp.engine.scheduling.slots import Need, Slots, Urgency
from export_lsp.engine.tasks import Tasks
from export_lsp.protocol import (
    Check,
    Exited,
    Finished,
    Found,
    Loaded,
    RunEvent,
    StageEntered,
    TargetsFound,
)

# What may be otherwise the next time, though no file has changed.
_FAULTS = {"worker-crash", "out-of-memory", "internal-error"}
# What another day may be otherwise.
_FLEETING = _FAULTS | {"timeout"}
# What cannot be told without what the example's data is.
_QUESTIONS = {"data-dependent-guard", "data-dependent-branch"}
# Content that has so often ended its run like that is left alone until it changes or the user asks.
TRIES = 2


class Reporter(Protocol):
    """Is told what happens in a schedule; called on the event loop, must not block."""

    def results_changed(self, files: set[str]) -> None: ...
    def started(self, owner: Path) -> None: ...
    def event(self, owner: Path, event: RunEvent) -> None: ...
    def fixing(self, owner: Path) -> None: ...
    def ended(self, owner: Path) -> None: ...
    def recalled(self, owner: Path) -> None: ...
    def unusable(self, error: UnusableInterpreterError | InterpreterError) -> None: ...


class Memory(Protocol):
    """What earlier checks came to, by what they rest on."""

    async def find(self, question: Question) -> PastResult | None: ...
    def keep(self, question: Question, remembered: PastResult, begun: float) -> None: ...


class Schedule:
    """The checks of one workspace folder.

    `check_for` gives the check of a file as the settings now have it (its `run` is chosen here),
    None for a file that is not to be checked, `budget` what looking for fixes may cost.
    `carry_out` yields a check's events, ending with its `Exited`; leaving it early kills the run.
    `interpreter` is the one that carries them out, None while there is none.  `slots` bounds the
    runs of all folders; what `is_shown` in the editor comes first.
    """

    def __init__(
        self,
        *,
        check_for: Callable[[Path], Check | None],
        budget: Callable[[], Budget],
        carry_out: Callable[[Check], AsyncGenerator[RunEvent, None]],
        interpreter: Callable[[], Path | None],
        is_shown: Callable[[Path], bool],
        memory: Memory,
        results: Results,
        reporter: Reporter,
        slots: Slots,
    ) -> None:
        self._check_for = check_for
        self._budget = budget
        self._carry_out = carry_out
        self._interpreter = interpreter
        self._is_shown = is_shown
        self._memory = memory
        self._results = results
        self._reporter = reporter
        self._slots = slots
        self._owners: dict[Path, Owner] = {}
        self._tasks = Tasks()

    @property
    def busy(self) -> list[Path]:
        """The files being checked or waiting for it, or whose fixes are looked for."""
        return [owner.file for owner in self._owners.values() if owner.phase is not Phase.IDLE]

    @property
    def fixing(self) -> list[Path]:
        """Those of the busy files whose results are settled."""
        return [owner.file for owner in self._owners.values() if owner.phase is Phase.FIXING]

    @property
    def owners(self) -> list[Path]:
        """The files that were ever asked for and not dropped."""
        return list(self._owners)

    def request(self, file: Path, *, force: bool = False) -> None:
        """Check a file, unless its content and what it imports were checked already."""
        owner = self._owners.setdefault(file, Owner(file))
        if force:
            owner.anew = True
            self._decide(owner, current=False)
        else:
            self._tasks.start(self._look_and_decide(owner))

    def saved(self, file: Path) -> None:
        """A file's content may have changed: check it and every file whose result rests on it."""
        self.touched(file)
        for owner in [file, *self._results.owners_resting_on(file)]:
            self.request(owner)

    def touched(self, file: Path) -> None:
        """A file is another one from now on: a run that has yet to tell that it read or missed it
        may have met the old one."""
        for owner in self._owners.values():
            if owner.phase is Phase.RUNNING:
                owner.touched_meanwhile.add(file)

    def cancel(self, file: Path) -> None:
        """End a file's run, its trials or its wait; what was found so far stays."""
        owner = self._owners.get(file)
        if owner is None or owner.phase is Phase.IDLE or owner.task is None:
            return
        waited = owner.phase is Phase.WAITING
        owner.generation += 1
        owner.phase = Phase.IDLE
        owner.basis = None
        if owner.task is not asyncio.current_task():
            owner.task.cancel()
        if waited:
            self._reporter.ended(file)

    def cancel_waiting(self) -> None:
        """Give up every check that has not begun."""
        for owner in list(self._owners.values()):
            if owner.phase is Phase.WAITING:
                self.cancel(owner.file)
            elif owner.phase is Phase.IDLE:
                owner.generation += 1  # it may be looked whether there is something to check

    def drop(self, file: Path) -> None:
        """Forget a file: end its run and clear what its checks found."""
        self.cancel(file)
        self._owners.pop(file, None)
        self._reporter.results_changed(self._results.drop(file))

    def forget_basis(self) -> None:
        """Take no result for current any more: the next request of each file starts a run."""
        for owner in self._owners.values():
            owner.basis = None
            owner.anew = True

    async def close(self) -> None:
        """End every run and wait until they are gone."""
        self.cancel_waiting()
        for file in list(self._owners):
            self.cancel(file)
        await self._tasks.finish()

    async def _look_and_decide(self, owner: Owner) -> None:
        check = self._check_for(owner.file)
        if check is None:
            if self._knows(owner):
                self.drop(owner.file)
            return
        budget, basis, generation = self._budget(), owner.basis, owner.generation
        if basis is not None and (basis.check, basis.budget) == (check, budget):
            now = await asyncio.to_thread(disk.digests, basis.digests)
            # The basis may have been replaced while the files were read.
            if basis is owner.basis and now == basis.digests:
                self._decide(owner, current=True)
                return
        remembered = None if owner.anew else await self._remembered(check, budget)
        if not self._knows(owner) or owner.generation != generation:
            return  # a run that began since has read the same content, or it was cancelled
        if remembered is not None:
            self._restore(owner, Basis(check, budget, dict(remembered.digests)), remembered)
        if remembered is None or not remembered.complete:
            self._decide(owner, current=False)

    async def _remembered(self, check: Check, budget: Budget) -> PastResult | None:
        interpreter = self._interpreter()
        if interpreter is None:
            return None
        return await self._memory.find(Question(check, budget, interpreter))

    def _restore(self, owner: Owner, basis: Basis, remembered: PastResult) -> None:
        """Show what is remembered instead of checking."""
        self.cancel(owner.file)
        owner.basis = basis
        changed = self._results.restore(owner.file, remembered.restored())
        self._reporter.results_changed(changed | set(remembered.digests))
        self._reporter.recalled(owner.file)

    def _keep(self, run: Run, *, complete: bool) -> None:
        """Remember a settled result; not what may be otherwise the next time."""
        owner, interpreter = run.owner, self._interpreter()
        if run.fleeting or owner.basis is None or interpreter is None:
            return
        digests = {file: digest for file, digest in owner.basis.digests.items() if digest}
        result = PastResult.of(self._results[owner.file], digests, complete=complete)
        question = Question(owner.basis.check, owner.basis.budget, interpreter)
        self._memory.keep(question, result, run.begun)

    def _knows(self, owner: Owner) -> bool:
        return self._owners.get(owner.file) is owner

    def _decide(self, owner: Owner, *, current: bool) -> None:
        if current and owner.phase is not Phase.WAITING:
            return
        if owner.phase is Phase.WAITING:
            return
        if owner.phase in (Phase.RUNNING, Phase.FIXING):
            self.cancel(owner.file)
        owner.generation += 1
        owner.phase = Phase.WAITING
        owner.task = self._tasks.start(self._go(owner, owner.generation))

    async def _go(self, owner: Owner, generation: int) -> None:
        """Wait for the owner's turn, then carry out its check."""
        async with owner.one_run, self._slots.taken(self._need(owner)) as slot:
            if owner.generation == generation:
                await self._run(Run(owner, generation, slot, self._budget()))

    def _need(self, owner: Owner, *, trial: bool = False) -> Need:
        check = self._check_for(owner.file)
        device = check.device if check is not None else ""
        urgency = Urgency.SHOWN if self._is_shown(owner.file) else Urgency.UNSEEN
        return Need(
            Urgency.TRIAL if trial else urgency,
            owner.peak_memory,
            device if device.startswith("cuda") else "",
        )

    async def _run(self, run: Run) -> None:
        owner = run.owner
        check = self._check_for(owner.file)
        if check is None:
            self.drop(owner.file)
            return
        owner.phase = Phase.RUNNING
        owner.touched_meanwhile.clear()
        owner.basis = Basis(check, run.budget, disk.digests([check.file]))
        self._reporter.started(owner.file)
        try:
            check = replace(check, run=next(numbers), questions=owner.questions)
            carry_out = functools.partial(self._in_turn, owner)
            fixing = with_fixes(carry_out, check, run.budget, at_once=self._slots.count)
            async with aclosing(fixing) as events:
                async for event in events:
                    # asyncio.wait_for of Python 3.11 and older may swallow a cancellation.
                    if not run.current:
                        return
                    self._take(run, event)
                    if run.over:
                        return
            self._keep(run, complete=True)
        except (UnusableInterpreterError, InterpreterError) as error:
            self._reporter.unusable(error)
        finally:
            self._end(run)

    async def _in_turn(self, owner: Owner, check: Check) -> AsyncGenerator[RunEvent, None]:
        """A check's events; a trial has a slot of its own and waits for it."""
        async with AsyncExitStack() as stack:
            if check.texts:
                need = self._need(owner, trial=True)
                await stack.enter_async_context(self._slots.taken(need))
            events = await stack.enter_async_context(aclosing(self._carry_out(check)))
            async for event in events:
                yield event

    def _take(self, run: Run, event: Event) -> None:
        owner = run.owner
        result = self._results[owner.file]
        if isinstance(event, (Expected, Offered, OfferedWhole)):
            self._reporter.results_changed(self._take_fix(owner.file, event))
            return
        if isinstance(event, Found) and event.early:
            changed = self._results.add(owner.file, event.finding, early=True)
            self._reporter.results_changed(changed)
        elif isinstance(event, Found):
            run.faulty |= event.finding.rule in _FAULTS
            run.misses |= misses_something(event.finding)
            run.fleeting |= event.finding.rule in _FLEETING or run.misses
            run.mendable |= bool(event.finding.remedies)
            if event.finding.rule in _QUESTIONS:
                run.questions.add(event.finding.target)
            self._reporter.results_changed(self._results.add(owner.file, event.finding))
        elif isinstance(event, Loaded) and owner.basis is not None:
            owner.basis = replace(owner.basis, digests={**owner.basis.digests, **event.files})
            run.loaded.update(event.files)
            result.loaded = {**result.loaded, **event.files}
        elif isinstance(event, Finished):
            owner.peak_memory = event.peak_memory
        elif isinstance(event, TargetsFound):
            result.targets = event.targets
        elif isinstance(event, StageEntered) and event.mode is not None:
            modes = run.modes.setdefault(event.target, [])
            modes += [event.mode] if event.mode not in modes else []
            result.modes = {**result.modes, event.target: modes}
        self._reporter.event(owner.file, event)
        if isinstance(event, Exited):
            self._settle(run)

    def _take_fix(self, file: Path, event: Expected | Offered | OfferedWhole) -> set[str]:
        if isinstance(event, Offered):
            return self._results.offer(file, event.finding, event.fix)
        if isinstance(event, Expected):
            return self._results.expect(file, event.finding, event.fix)
        self._results.offer_whole(file, event.fix)
        return set()

    def _settle(self, run: Run) -> None:
        """The check itself is over: its results stand, whatever its trials say."""
        owner = run.owner
        run.settled = True
        owner.anew = False
        owner.questions = tuple(sorted(run.questions))
        run.slot.release()
        result = self._results[owner.file]
        result.loaded = run.loaded or result.loaded
        result.modes = run.modes
        self._reporter.results_changed(self._results.replace(owner.file) | set(run.loaded))
        if run.misses:
            owner.basis = None
        if run.faulty:
            self._note_fault(owner)
        self._keep(run, complete=run.over)
        if any(result.rests_on(file) for file in owner.touched_meanwhile):
            self.request(owner.file)
        if not run.over:
            owner.phase = Phase.FIXING
            self._reporter.fixing(owner.file)

    def _note_fault(self, owner: Owner) -> None:
        """Let the same content be tried again, but not for ever."""
        owner.faults = owner.faults + 1 if owner.basis == owner.faulty else 1
        owner.faulty = owner.basis
        if owner.faults < TRIES:
            owner.basis = None

    def _end(self, run: Run) -> None:
        owner = run.owner
        if not run.settled and self._knows(owner):
            self._results.interrupt(owner.file)
        if run.current:
            owner.phase = Phase.IDLE
            if not run.settled:
                owner.basis = None
        self._reporter.ended(owner.file)
