"""A check's events, and after its findings the fixes that have been proved for them.

Candidates are tried by checks of their own, forked beside the one that goes on: the first that
works for each finding, then all of those together, then what else there is for a finding.  A trial
ends as soon as it is known to prove nothing, and waits for the check's other findings only where
those decide what it proves.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from export_lsp.findings import AFTER
from export_lsp.fixes import chain
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import texts
from export_lsp.fixes.proof import (
    COSTLY,
    Fix,
    Trial,
    in_one_mode,
    is_news,
    judge,
    refuted,
    same_place,
)
from export_lsp.fixes.whole import Mended, Whole, compatible
from export_lsp.protocol import (
    Check,
    Finding,
    Found,
    Loaded,
    NeedsReal,
    RemedyKind,
    RunEvent,
    StageEntered,
    TargetStarted,
)
from export_lsp.server.loading import Loading
from export_lsp.server.trials import CarryOut, Trials

# So many times the fixes of what was found with the fixes are added to them.
ROUNDS = 5

# So many candidates may have to follow another one at its place, and so many are tried for each.
LINKS = 2
FOLLOWERS = 2


# What is offered, but is never part of the whole: nothing is wrong without it.
UNASKED: tuple[RemedyKind | None, ...] = ("declaration",)


@dataclass(frozen=True)
class Budget:
    """What fixes may cost: candidates tried for a finding, and seconds for all of a check's.

    `unverified` ones are offered in any case; it says whether they are part of the whole.
    """

    candidates: int
    seconds: float
    unverified: bool = False

    def admits(self, fix: Fix) -> bool:
        """Whether a fix may be part of the whole."""
        return self.unverified or fix.proof != "unverified"


@dataclass(frozen=True)
class Offered:
    """A fix for a finding; the likeliest comes first.  What was `Expected` for it is over."""

    finding: Finding
    fix: Fix


@dataclass(frozen=True)
class Expected:
    """What one mode alone has proved to be a fix for a finding, until the other has had its say;
    None if that has refuted it."""

    finding: Finding
    fix: Fix | None


@dataclass(frozen=True)
class OfferedWhole:
    """The fixes of all findings of a check as one; `fixed` is how many problems they are for."""

    fix: Fix
    fixed: int


Event = RunEvent | Expected | Offered | OfferedWhole


@dataclass
class _Target:
    """What is known of a target: its findings, and whether its tracing is over."""

    findings: list[Finding] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class _Pending:
    """The candidates of a finding that have not been tried yet.

    `before` are all findings of its target, None for those of the check that goes on.  `expected`
    says that one mode alone has proved the one that is being tried.
    """

    finding: Finding
    candidates: deque[Candidate]
    before: Sequence[Finding] | None = None
    tried: int = 0
    groups: set[str] = field(default_factory=set)
    expected: bool = False


@dataclass(frozen=True)
class _First:
    """The candidates of a finding, and the first of them that works."""

    pending: _Pending
    mended: asyncio.Future[Mended | None]

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
        self._targets: dict[str, _Target] = {}
        self._sources = Loading(check.texts)
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
        for target in self._targets.values():
            target.settled.set()
        self._news.put_nowait(None)

    def _note(self, event: RunEvent) -> None:
        if isinstance(event, TargetStarted):
            for target in self._targets.values():
                target.settled.set()
            self._target(event.target).settled.clear()
        elif isinstance(event, StageEntered) and event.stage in AFTER:
            self._target(event.target).settled.set()
        elif isinstance(event, Loaded):
            self._sources.digests.update(event.files)
        elif isinstance(event, NeedsReal):
            self._trials.build = "real"
        elif isinstance(event, Found) and not event.early:
            self._target(event.finding.target).findings.append(event.finding)
            if event.finding.remedies:
                self._news.put_nowait(event.finding)

    def _target(self, name: str) -> _Target:
        return self._targets.setdefault(name, _Target())

    # --- fixes --------------------------------------------------------------------------------

    async def _prove(self) -> None:
        firsts: list[_First] = []
        try:
            while (finding := await self._news.get()) is not None:
                alike = [first.mended for first in firsts if same_place(finding, first.finding)]
                pending = _Pending(finding, deque(_candidates(finding, self._sources)))
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
            await self._prove_whole(admitted)
        for first, one in zip(firsts, found, strict=True):
            while one and (other := await self._next(first.pending, self._sources, {})):
                self.said.put_nowait(Offered(first.finding, other.fix))

    async def _prove_first(
        self, pending: _Pending, alike: Sequence[asyncio.Future[Mended | None]]
    ) -> Mended | None:
        """What works first for a finding, which is offered; None too if it is for a place that
        another finding has a fix for."""
        for other in alike:
            if await other is not None:
                return None
        async with self._turns:
            found = await self._next(pending, self._sources, {})
        if found is not None:
            self.said.put_nowait(Offered(pending.finding, found.fix))
        return found

    def _expect(self, pending: _Pending, fix: Fix | None) -> None:
        """Tell what one mode has proved, or that it is not so, where there is another to wait for
        and the finding is one of the check and not of a trial."""
        if len(self._check.modes) > 1 and pending.before is None:
            pending.expected = fix is not None
            self.said.put_nowait(Expected(pending.finding, fix))

    async def _next(
        self, pending: _Pending, sources: Sources, base: Mapping[str, str]
    ) -> Mended | None:
        """The next candidate that works, None if there is none.

        `sources` are the files to edit, `base` those of their texts that are not on disk.
        """
        while pending.candidates and pending.tried < self._budget.candidates:
            candidate = pending.candidates.popleft()
            if candidate.group and candidate.group in pending.groups:
                continue
            pending.tried += 1
            mended = await self._try(pending, candidate, sources, base)
            if mended is not None:
                pending.groups.add(candidate.group)
                return mended
        return None

    async def _try(
        self,
        pending: _Pending,
        candidate: Candidate,
        sources: Sources,
        base: Mapping[str, str],
        links: int = LINKS,
    ) -> Mended | None:
        """A candidate if it works, or with what has to follow it: so many `links` more."""
        finding = pending.finding

        def over(trial: Trial) -> bool:
            if not refuted(finding, trial, candidate, sources):
                return False
            return not links or chain.rest(finding, trial, candidate, sources) is not None

        def compared(trial: Trial) -> None:
            fix = in_one_mode(finding, trial, candidate)
            if fix is not None:
                self._expect(pending, fix)

        trial = await self._trials.trial(
            {**base, **texts(sources, candidate.edits)},
            costly=finding.stage in COSTLY,
            only=finding.target,
            rewritten=candidate.rewrites,
            over=over,
            compared=compared,
        )
        before = pending.before
        if before is None:
            target = self._target(finding.target)
            decided = refuted(finding, trial, candidate, sources)
            if not decided and is_news(trial, candidate, sources, target.findings):
                await target.settled.wait()
            before = target.findings
        fix = judge(finding, before, trial, candidate, sources)
        if fix is not None:
            return Mended(finding, candidate, fix)
        if pending.expected:
            self._expect(pending, None)
        rest = chain.rest(finding, trial, candidate, sources) if links else None
        if rest is not None:
            between = chain.edited(sources, candidate)
            for then in _candidates(rest, between)[:FOLLOWERS]:
                both = chain.joined(candidate, then, sources, between)
                mended = await self._try(pending, both, sources, base, links - 1)
                if mended is not None:
                    return mended
        return None

    # --- all of them --------------------------------------------------------------------------

    async def _prove_whole(self, mended: Sequence[Mended]) -> None:
        """Compose what was proved, try the whole, and go on with what is found then."""
        findings = [finding for target in self._targets.values() for finding in target.findings]
        if _is_all(mended, findings, self._targets):
            self.said.put_nowait(OfferedWhole(mended[0].fix, 1))
            return
        whole = Whole(self._sources, findings)
        for _ in range(ROUNDS):
            if not mended or not await self._add(whole, mended) or not whole.left:
                break
            whole.begin_round()
            mended = await self._mend(whole)
        fix = whole.fix()
        if fix is not None:
            self.said.put_nowait(OfferedWhole(fix, whole.fixed))

    async def _add(self, whole: Whole, mended: Sequence[Mended]) -> bool:
        """Take the fixes into the whole, all at once or else one by one; whether any helped."""
        if await self._helps(whole, compatible(mended)):
            return True
        taken: list[Mended] = []
        for one in mended if len(mended) > 1 else ():
            if len(compatible([*taken, one])) > len(taken) and await self._helps(
                whole, [*taken, one]
            ):
                taken.append(one)
        return bool(taken)

    async def _helps(self, whole: Whole, mended: Sequence[Mended]) -> bool:
        trial = await self._trials.trial(
            whole.with_edits(mended),
            costly=whole.costly,
            only="",
            rewritten=whole.rewrites or any(one.candidate.rewrites for one in mended),
        )
        return whole.take(mended, trial)

    async def _mend(self, whole: Whole) -> list[Mended]:
        """What helps against the findings that are left with the whole's edits."""
        mended: list[Mended] = []
        for finding in whole.left:
            if any(same_place(finding, other.finding) for other in mended):
                continue
            before = [other for other in whole.left if other.target == finding.target]
            pending = _Pending(finding, deque(_candidates(finding, whole.sources)), before)
            found = await self._next(pending, whole.sources, whole.texts)
            if found is not None and self._budget.admits(found.fix):
                mended.append(found)
        return mended


def _candidates(finding: Finding, sources: Sources) -> list[Candidate]:
    # The writers are more than a server needs to answer an editor that has just been opened.
    from export_lsp.fixes.writers import candidates

    return candidates(finding, sources)


def _is_all(
    mended: Sequence[Mended], findings: Sequence[Finding], targets: Collection[str]
) -> bool:
    """Whether the one fix that there is leaves nothing to do."""
    [first, *others] = mended
    return (
        not others
        and first.fix.proof == "exports"
        and len([name for name in targets if name]) == 1
        and all(same_place(first.finding, finding) for finding in findings)
    )
