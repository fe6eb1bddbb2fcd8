"""A check's events, and after its findings the fixes that have been proved for them.

Candidates are tried by checks of their own, forked beside the one that goes on: the first that
works for each finding, then all of those together, then what else there is for a finding.  A trial
ends as soon as it is known to prove nothing, and waits for the check's other findings only where
those decide what it proves.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from export_lsp.engine.files.checked_sources import CheckedSources
from export_lsp.engine.fixing.attempts import Attempts, Pending, candidates
from export_lsp.engine.fixing.offered import Budget, Event, Expected, Offered
from export_lsp.engine.fixing.targets import Targets
from export_lsp.engine.fixing.together import Together
from export_lsp.engine.fixing.trials import CarryOut, Trials
from export_lsp.fixes.fix_all import FixedFinding
from export_lsp.fixes.proof import Fix, same_place
from export_lsp.protocol import Check, Finding, Found, Loaded, NeedsReal, RemedyKind, RunEvent

# What is offered, but is never part of the whole: nothing is wrong without it.
UNASKED: tuple[RemedyKind | None, ...] = ("declaration",)


@dataclass(frozen=True)
class _First:
    """The candidates of a finding, and the first of them that works."""

    pending: Pending
    mended: asyncio.Future[FixedFinding | None]

    @property
    def finding(self) -> Finding:
        return self.pending.finding


async def with_fixes(
    carry_out: CarryOut, check: Check, budget: Budget, *, at_once: int = 1
) -> AsyncGenerator[Event, None]:
    """The events of a check, and what is offered; the check's own end with its `Exited`.

    For so many findings `at_once` candidates are tried.

    Raises:
        whatever `carry_out` raises for the check itself.
    """
    if not budget.candidates:
        async with aclosing(carry_out(check)) as events:
            async for told in events:
                yield told
        return
    fixing = _Fixing(carry_out, check, budget, at_once)
    task = asyncio.ensure_future(fixing.run())
    try:
        while (event := await fixing.said.get()) is not None:
            yield event
        await task
    finally:
        fixing.leave()
        task.cancel()
        await asyncio.wait({task})


class _Fixing:
    def __init__(self, carry_out: CarryOut, check: Check, budget: Budget, at_once: int) -> None:
        self._carry_out = carry_out
        self._trials = Trials(carry_out, check)
        self._turns = asyncio.Semaphore(at_once)
        self._check = check
        self._budget = budget
        self.said: asyncio.Queue[Event | None] = asyncio.Queue()
        self._targets = Targets()
        self._sources = CheckedSources(check.texts)
        expect = self._expect if len(check.modes) > 1 else None
        self._attempts = Attempts(self._trials, self._targets, budget.candidates, expect)
        self._news: asyncio.Queue[Finding | None] = asyncio.Queue()
        self._left = False

    def leave(self) -> None:
        """Nobody listens any more.

        Said besides a cancellation: asyncio.wait_for of Python 3.11 and older may swallow one.
        """
        self._left = self._trials.left = True

    async def run(self) -> None:
        """Carry out the check and prove fixes; `said` gets everything, None at the end."""
        proving = asyncio.ensure_future(self._prove())
        try:
            await self._watch()
            if not self._left:
                await asyncio.wait({proving}, timeout=self._budget.seconds)
            if proving.done():
                proving.result()
        finally:
            proving.cancel()
            await asyncio.wait({proving})
            self.said.put_nowait(None)

    async def _watch(self) -> None:
        """Pass on the check's own events."""
        self._trials.begin()
        async with aclosing(self._carry_out(self._check)) as events:
            async for event in events:
                if self._left:
                    return
                self._note(event)
                self.said.put_nowait(event)
        self._trials.settle()
        self._targets.settle()
        self._news.put_nowait(None)

    def _note(self, event: RunEvent) -> None:
        self._targets.note(event)
        if isinstance(event, Loaded):
            self._sources.digests.update(event.files)
        elif isinstance(event, NeedsReal):
            self._trials.build = "real"
        elif isinstance(event, Found) and not event.early and event.finding.remedies:
            self._news.put_nowait(event.finding)

    def _expect(self, finding: Finding, fix: Fix | None) -> None:
        self.said.put_nowait(Expected(finding, fix))

    async def _prove(self) -> None:
        firsts: list[_First] = []
        try:
            while (finding := await self._news.get()) is not None:
                alike = [first.mended for first in firsts if same_place(finding, first.finding)]
                pending = Pending(finding, deque(candidates(finding, self._sources)))
                mended = asyncio.ensure_future(self._prove_first(pending, alike))
                firsts.append(_First(pending, mended))
            found = [await first.mended for first in firsts]
        finally:
            for first in firsts:
                first.mended.cancel()
            await asyncio.gather(*(first.mended for first in firsts), return_exceptions=True)
        admitted = [
            one
            for one in found
            if one and self._budget.admits(one.fix) and one.fix.kind not in UNASKED
        ]
        if admitted:
            together = Together(
                self._trials,
                self._attempts,
                self._sources,
                self._targets,
                self._budget,
                self.said.put_nowait,
            )
            await together.prove(admitted)
        for first, one in zip(firsts, found, strict=True):
            while one and (other := await self._attempts.next(first.pending, self._sources, {})):
                self.said.put_nowait(Offered(first.finding, other.fix))

    async def _prove_first(
        self, pending: Pending, alike: Sequence[asyncio.Future[FixedFinding | None]]
    ) -> FixedFinding | None:
        """What works first for a finding, which is offered; None too if it is for a place that
        another finding has a fix for."""
        for other in alike:
            if await other is not None:
                return None
        async with self._turns:
            found = await self._attempts.next(pending, self._sources, {})
        if found is not None:
            self.said.put_nowait(Offered(pending.finding, found.fix))
        return found
