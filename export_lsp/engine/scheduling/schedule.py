"""Decides when to check which file of a workspace folder: one actor, on the event loop.

A file whose targets are checked is an *owner*.  A request for an owner starts a run, unless a
result for the same content stands or is remembered.  A run supersedes the owner's previous one,
which is killed first; later events of that one are ignored.

A run's results are settled when its check has ended.  The trials of fixes that are still going on
belong to the run and end with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from export_lsp.engine.fixing import Budget
from export_lsp.engine.recall import PastResult, Question
from export_lsp.engine.results.store import Results
from export_lsp.engine.scheduling.interfaces import CarryOut, Memory, Reporter
from export_lsp.engine.scheduling.owner import Basis, Owner, Phase
from export_lsp.engine.scheduling.run import Ending, Run
from export_lsp.engine.scheduling.runner import Runner
from export_lsp.engine.scheduling.slots import Need, Slot, Slots, Urgency
from export_lsp.engine.tasks import Tasks
from export_lsp.protocol import Check


class Schedule:
    """The checks of one workspace folder.

    Args:
        check_for: Returns the check of a file under the current settings, None for a file that is
            not checked.  The schedule chooses its `run`.
        budget: Returns the limits of a search for fixes.
        carry_out: Carries out a check.
        interpreter: Returns the interpreter that carries out checks, None if there is none.
        is_shown: Returns whether a file is open in the editor; such files come first.
        memory: Keeps results between sessions.
        results: Gets the results.
        reporter: Is notified of each step.
        slots: Bounds the runs of all folders.
    """

    def __init__(
        self,
        *,
        check_for: Callable[[Path], Check | None],
        budget: Callable[[], Budget],
        carry_out: CarryOut,
        interpreter: Callable[[], Path | None],
        is_shown: Callable[[Path], bool],
        memory: Memory,
        results: Results,
        reporter: Reporter,
        slots: Slots,
    ) -> None:
        self._check_for = check_for
        self._budget = budget
        self._interpreter = interpreter
        self._is_shown = is_shown
        self._memory = memory
        self._results = results
        self._reporter = reporter
        self._slots = slots
        self._runner = Runner(
            carry_out=carry_out,
            interpreter=interpreter,
            trial_need=lambda owner: self._need(owner, trial=True),
            request=self.request,
            memory=memory,
            results=results,
            reporter=reporter,
            slots=slots,
        )
        self._owners: dict[Path, Owner] = {}
        self._decisions = Tasks()
        # The files that have changed since each decision in progress has begun.
        self._deciding: dict[object, set[Path]] = {}
        self._runs = Tasks()

    @property
    def busy(self) -> list[Path]:
        """The files that wait for a check, are being checked, or whose fixes are looked for."""
        return [owner.file for owner in self._owners.values() if owner.phase is not Phase.IDLE]

    @property
    def fixing(self) -> list[Path]:
        """The busy files whose results are settled."""
        return [owner.file for owner in self._owners.values() if owner.phase is Phase.FIXING]

    @property
    def owners(self) -> list[Path]:
        """The files that have been requested and not dropped."""
        return list(self._owners)

    def request(self, file: Path, *, force: bool = False) -> None:
        """Check a file, unless a result for its content and its imports stands or is remembered.

        With `force` it is checked in any case.
        """
        owner = self._owners.setdefault(file, Owner(file))
        if force:
            owner.ignores_memory = True
            self._start(owner)
        else:
            self._decisions.start(self._decide(owner))

    def saved(self, file: Path) -> None:
        """Check a file whose content may have changed, and every file whose result rests on it."""
        self.touched(file)
        for owner in [file, *self._results.owners_resting_on(file)]:
            self.request(owner)

    def touched(self, file: Path) -> None:
        """Note that a file has changed on disk.

        A check in progress may have read it before, or missed it, and not yet reported that.
        """
        for owner in self._owners.values():
            if owner.run is not None and owner.phase is Phase.CHECKING:
                owner.run.touched.add(file)
        for touched in self._deciding.values():
            touched.add(file)

    def cancel(self, file: Path) -> None:
        """End a file's run or its wait for one; the findings so far stay."""
        owner = self._owners.get(file)
        if owner is None or owner.task is None:
            return
        if owner.task is not asyncio.current_task():
            owner.task.cancel()
        waited = owner.phase is Phase.WAITING
        run = owner.supersede()
        if run is not None and run.ending is None:
            run.ending = Ending.SUPERSEDED
            self._results.interrupt(file)
        if waited:
            self._reporter.ended(file)

    def cancel_waiting(self) -> None:
        """Give up every check that has not started."""
        for owner in list(self._owners.values()):
            if owner.phase is Phase.WAITING:
                self.cancel(owner.file)
            elif owner.phase is Phase.IDLE:
                owner.generation += 1  # for a decision in progress

    def drop(self, file: Path) -> None:
        """Forget a file: end its run and clear its findings."""
        self.cancel(file)
        self._owners.pop(file, None)
        self._reporter.results_changed(self._results.drop(file))

    def forget_basis(self) -> None:
        """Let the next request of every file start a run, whatever stands or is remembered."""
        for owner in self._owners.values():
            owner.basis = None
            owner.ignores_memory = True

    async def decided(self) -> None:
        """Wait until each request so far has started a run or been answered without one."""
        await self._decisions.finish()

    async def close(self) -> None:
        """End every run and wait until all are gone."""
        self._cancel_all()
        await self.decided()
        self._cancel_all()  # a decision may have started a run
        await self._runs.finish()

    def _cancel_all(self) -> None:
        self.cancel_waiting()
        for file in list(self._owners):
            self.cancel(file)

    # --- decisions ---------------------------------------------------------------------------

    async def _decide(self, owner: Owner) -> None:
        """Start a run for a request, unless its result stands or is remembered."""
        check = self._check_for(owner.file)
        if check is None:
            if self._knows(owner):
                self.drop(owner.file)
            return
        budget, generation = self._budget(), owner.generation
        if await self._stands(owner, check, budget):
            return
        decision, touched = object(), set[Path]()
        self._deciding[decision] = touched
        try:
            past = None if owner.ignores_memory else await self._find(check, budget)
        finally:
            del self._deciding[decision]
        if not self._knows(owner) or owner.generation != generation:
            return  # a run that has started since has read the same content, or it was cancelled
        if past is not None:
            basis = Basis(check, budget, dict(past.digests), dict(past.observed))
            self._restore(owner, basis, past)
            if any(self._results[owner.file].rests_on(file) for file in touched):
                self.request(owner.file)  # it may have been compared with the file as it was
        if past is None or not past.complete:
            self._start(owner)

    async def _stands(self, owner: Owner, check: Check, budget: Budget) -> bool:
        """Return whether the owner's result, or its run in progress, answers this check."""
        basis = owner.basis
        if basis is None or (basis.check, basis.budget) != (check, budget):
            return False
        is_unchanged = await asyncio.to_thread(basis.is_unchanged)
        # The basis may have been replaced while the files were read.
        return basis is owner.basis and is_unchanged

    async def _find(self, check: Check, budget: Budget) -> PastResult | None:
        interpreter = self._interpreter()
        if interpreter is None:
            return None
        return await self._memory.find(Question(check, budget, interpreter))

    def _restore(self, owner: Owner, basis: Basis, past: PastResult) -> None:
        """Show a remembered result."""
        self.cancel(owner.file)
        owner.basis = basis
        changed = self._results.restore(owner.file, past.restored())
        self._reporter.results_changed(changed | set(past.digests))
        self._reporter.recalled(owner.file)

    def _knows(self, owner: Owner) -> bool:
        return self._owners.get(owner.file) is owner

    # --- runs --------------------------------------------------------------------------------

    def _start(self, owner: Owner) -> None:
        """Let an owner wait for a run, in place of the one in progress."""
        if owner.phase is Phase.WAITING:
            return  # the run will read the files as they are when it starts
        self.cancel(owner.file)
        owner.generation += 1
        owner.task = self._runs.start(self._run_in_turn(owner, owner.generation))

    async def _run_in_turn(self, owner: Owner, generation: int) -> None:
        async with owner.one_run, self._slots.taken(self._need(owner)) as slot:
            if owner.generation == generation:
                await self._run(owner, slot)

    async def _run(self, owner: Owner, slot: Slot) -> None:
        check = self._check_for(owner.file)
        if check is None:
            self.drop(owner.file)
            return
        await self._runner.carry_out(owner, Run(check, self._budget(), slot))

    def _need(self, owner: Owner, *, trial: bool = False) -> Need:
        check = self._check_for(owner.file)
        device = check.device if check is not None else ""
        urgency = Urgency.SHOWN if self._is_shown(owner.file) else Urgency.UNSEEN
        return Need(
            Urgency.TRIAL if trial else urgency,
            owner.peak_memory,
            device if device.startswith("cuda") else "",
        )
