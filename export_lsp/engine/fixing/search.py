"""Searches for fixes while a check goes on, and after it.

Candidates are tried by trials beside the check: for each finding until one is a fix, then these
fixes together, then the remaining candidates of each finding.  A trial ends as soon as it is known
to prove nothing.  It waits for the check's own findings only where those decide what it proves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from export_lsp.engine.files.checked_sources import CheckedSources
from export_lsp.engine.fixing.check_findings import CheckFindings
from export_lsp.engine.fixing.events import (
    Budget,
    Event,
    FixExpected,
    FixFound,
    NoFixFound,
)
from export_lsp.engine.fixing.fix_all_prover import FixAllProver
from export_lsp.engine.fixing.prover import NOTHING_KNOWN, CandidateQueue, Prover
from export_lsp.engine.fixing.trials import CarryOut, Trials
from export_lsp.fixes.fix_all import FixedFinding
from export_lsp.fixes.proof import Fix, same_place
from export_lsp.ignores import Ignores
from export_lsp.protocol import Check, Finding, Found, Loaded, Rebuild, RemedyKind, RunEvent

# Why there is no search, and why there is no fix of a finding beside another, as in `NoFixFound`.
OFF = "`fix-candidates` is 0"
OTHER_FIX = "there is one for another problem at this place"

# Kinds of fixes that are never part of the fix of all problems, as nothing is wrong without them.
OPTIONAL: tuple[RemedyKind | None, ...] = ("declaration",)


@dataclass(frozen=True)
class _FirstFix:
    """The search for the first fix of a finding."""

    queue: CandidateQueue
    fix: asyncio.Future[FixedFinding | None]

    @property
    def finding(self) -> Finding:
        return self.queue.finding


async def with_fixes(
    carry_out: CarryOut, check: Check, budget: Budget, *, at_once: int = 1
) -> AsyncGenerator[Event, None]:
    """Yield the events of a check and the fixes for its findings, in the order of their arrival.

    The check's own events end with its `Exited`.  Closing the generator early ends the check and
    all trials.

    Args:
        carry_out: Carries out the check and the trials.
        check: The check.
        budget: The limits of the search; without candidates there is none.
        at_once: For how many findings candidates are tried at the same time.

    Raises:
        Exception: whatever `carry_out` raises for the check.
    """
    if not budget.candidates:
        async with aclosing(carry_out(check)) as events:
            async for run_event in events:
                yield run_event
                if isinstance(run_event, Found):
                    yield NoFixFound(run_event.finding, OFF)
        return
    search = _Search(carry_out, check, budget, at_once)
    task = asyncio.ensure_future(search.run())
    try:
        while (event := await search.events.get()) is not None:
            yield event
        await task
    finally:
        search.abandon()
        task.cancel()
        await asyncio.wait({task})


class _Search:
    """One check and the search for its fixes; `events` gets all their events, then None."""

    def __init__(self, carry_out: CarryOut, check: Check, budget: Budget, at_once: int) -> None:
        self.events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._carry_out = carry_out
        self._check = check
        self._budget = budget
        self._at_once = asyncio.Semaphore(at_once)
        self._found = CheckFindings()
        self._sources = CheckedSources(check.texts)
        self._trials = Trials(carry_out, check)
        expect = self._expect if len(check.modes) > 1 else None
        self._prover = Prover(self._trials, self._found, budget.candidates, expect)
        # Findings with remedies that no search has been started for; None after the last one.
        self._fixable: asyncio.Queue[Finding | None] = asyncio.Queue()
        # Findings that a fix is still looked for.
        self._sought: list[Finding] = []
        self._abandoned = False

    def abandon(self) -> None:
        """Stop at the next event.

        The search is cancelled as well, but asyncio.wait_for of Python 3.11 and older may swallow
        a cancellation.
        """
        self._abandoned = self._trials.abandoned = True

    async def run(self) -> None:
        """Carry out the check and prove fixes."""
        proving = asyncio.ensure_future(self._prove())
        try:
            await self._follow_check()
            if not self._abandoned:
                await asyncio.wait({proving}, timeout=self._budget.seconds)
            if proving.done():
                proving.result()
            elif not self._abandoned:
                self._give_up()
        finally:
            proving.cancel()
            await asyncio.wait({proving})
            self.events.put_nowait(None)

    async def _follow_check(self) -> None:
        self._trials.check_begins()
        async with aclosing(self._carry_out(self._check)) as events:
            async for event in events:
                if self._abandoned:
                    return
                self.events.put_nowait(event)
                self._note(event)
        self._trials.check_ends()
        self._found.end_tracing()
        self._fixable.put_nowait(None)

    def _note(self, event: RunEvent) -> None:
        self._found.note(event)
        if isinstance(event, Loaded):
            self._sources.digests.update(event.files)
        elif isinstance(event, Rebuild):
            self._trials.build = event.build
        elif isinstance(event, Found) and not event.early:
            if event.finding.remedies:
                self._sought.append(event.finding)
                self._fixable.put_nowait(event.finding)
            else:
                self.events.put_nowait(NoFixFound(event.finding, NOTHING_KNOWN))

    def _answer(self, answer: FixFound | NoFixFound) -> None:
        """Report how the search for the first fix of a finding has ended."""
        self._sought.remove(answer.finding)
        self.events.put_nowait(answer)

    def _give_up(self) -> None:
        """Report that the time is over."""
        why = f"none was proved within {self._budget.seconds:g} s (`fix-seconds`)"
        for finding in list(self._sought):
            self._answer(NoFixFound(finding, why))

    def _expect(self, finding: Finding, fix: Fix | None) -> None:
        self.events.put_nowait(FixExpected(finding, fix))

    async def _prove(self) -> None:
        searches: list[_FirstFix] = []
        try:
            while (finding := await self._fixable.get()) is not None:
                searches.append(self._search_first(finding, searches))
            firsts = [await search.fix for search in searches]
        finally:
            for search in searches:
                search.fix.cancel()
            await asyncio.gather(*(search.fix for search in searches), return_exceptions=True)
        await self._prove_all([first for first in firsts if first is not None])
        for search, first in zip(searches, firsts, strict=True):
            if first is not None:
                await self._prove_others(search.queue)

    def _search_first(self, finding: Finding, others: Sequence[_FirstFix]) -> _FirstFix:
        """Start the search for the first fix of a finding."""
        queue = CandidateQueue.of(finding, self._sources)
        same = [other.fix for other in others if same_place(finding, other.finding)]
        return _FirstFix(queue, asyncio.ensure_future(self._prove_first(queue, same)))

    async def _prove_first(
        self, queue: CandidateQueue, same: Sequence[asyncio.Future[FixedFinding | None]]
    ) -> FixedFinding | None:
        """Prove the first fix of a finding, unless another finding at the same place has a fix."""
        for other in same:
            if await other is not None:
                self._answer(NoFixFound(queue.finding, OTHER_FIX))
                return None
        async with self._at_once:
            fixed = await self._prover.next_fix(queue, self._sources, {})
        if fixed is not None:
            self._answer(FixFound(queue.finding, fixed.fix))
        else:
            self._answer(NoFixFound(queue.finding, queue.failure))
        return fixed

    async def _prove_all(self, fixed: Sequence[FixedFinding]) -> None:
        """Prove a fix of all problems from the first fixes of the findings."""
        ignores = Ignores(self._lines)
        parts = [
            one
            for one in fixed
            if self._budget.admits(one.fix)
            and one.fix.kind not in OPTIONAL
            and not ignores.ignore(one.finding.rule, one.finding.location)
        ]
        if parts:
            prover = FixAllProver(
                self._trials,
                self._prover,
                self._sources,
                self._found,
                self._budget,
                self.events.put_nowait,
            )
            await prover.prove(parts)

    def _lines(self, file: str) -> Sequence[str]:
        source = self._sources.get(file)
        return source.lines if source is not None else ()

    async def _prove_others(self, queue: CandidateQueue) -> None:
        """Prove the fixes of a finding among its remaining candidates."""
        while (fixed := await self._prover.next_fix(queue, self._sources, {})) is not None:
            self.events.put_nowait(FixFound(queue.finding, fixed.fix))
