"""Tries the candidates of one finding until a trial proves one to be a fix."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from export_lsp.engine.fixing.check_findings import CheckFindings
from export_lsp.engine.fixing.trials import Trials
from export_lsp.fixes import follow_up
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import edited_texts
from export_lsp.fixes.fix_all import FixedFinding
from export_lsp.fixes.proof import (
    Fix,
    has_new_findings,
    is_refuted,
    judge,
    judge_one_mode,
    objection,
)
from export_lsp.fixes.trial import Trial
from export_lsp.protocol import Finding, Location, RemedyKind
from export_lsp.stages import TABLE

# How often a candidate may be extended by one for the problem that it uncovers, and how many are
# tried for each such problem.
FOLLOW_UPS = 2
FOLLOWERS = 2

# Kinds that are not extended: a check in addition is worse than the check alone.
ALONE: tuple[RemedyKind | None, ...] = ("size-branch",)

# Of a finding without candidates, as in `NoFixFound`.
NOTHING_KNOWN = "no edit is known that may help"

Expect = Callable[[Finding, Fix | None], None]
"""Reports a fix that one mode has proved, or None if the other mode has refuted it."""


@dataclass
class CandidateQueue:
    """The candidates of a finding that have not been tried yet, the likeliest first.

    Attributes:
        before: The findings of the target without the edits; None for those of the check, which may
            still be in progress.
        tried: How many candidates have been tried.
        objection: The title of the first of them, and why it is no fix; "" if it is one.
        narrowing: Fixes that narrow the model, which come after all others.
        fixed_groups: The groups of the candidates that turned out to be fixes.
        expected: True while one mode alone has proved the candidate that is being tried.
    """

    finding: Finding
    candidates: deque[Candidate]
    before: Sequence[Finding] | None = None
    tried: int = 0
    objection: str = ""
    narrowing: deque[FixedFinding] = field(default_factory=deque)
    fixed_groups: set[str] = field(default_factory=set)
    expected: bool = False

    @classmethod
    def of(
        cls, finding: Finding, sources: Sources, before: Sequence[Finding] | None = None
    ) -> CandidateQueue:
        """Return the queue of all candidates of a finding."""
        return cls(finding, deque(candidates_for(finding, sources)), before)

    def next(self) -> Candidate | None:
        """Remove and return the next candidate, None if there is none.

        Candidates of a group are ways of writing one fix: after the first that works they are left
        out.
        """
        while self.candidates:
            candidate = self.candidates.popleft()
            if not candidate.group or candidate.group not in self.fixed_groups:
                self.tried += 1
                return candidate
        return None

    @property
    def failure(self) -> str:
        """The reason why no candidate so far is a fix, as in `NoFixFound`."""
        if not self.tried:
            return NOTHING_KNOWN
        tried = "1 edit was tried" if self.tried == 1 else f"{self.tried} edits were tried"
        return f"{tried}. {self.objection}"


@dataclass(frozen=True)
class _Attempt:
    """A candidate for a finding and the files that it edits.

    `base` has those of their texts that are not on disk, `follow_ups` how often it may be extended.
    """

    finding: Finding
    candidate: Candidate
    sources: Sources
    base: Mapping[str, str]
    follow_ups: int

    @property
    def texts(self) -> dict[str, str]:
        return {**self.base, **edited_texts(self.sources, self.candidate.edits)}

    @property
    def guard(self) -> Location | None:
        """The expression that the candidate is about, where it is in the files on disk."""
        return None if self.base else self.finding.location

    def is_refuted(self, trial: Trial) -> bool:
        return is_refuted(self.finding, trial, self.candidate, self.sources)

    def has_new_findings(self, trial: Trial, known: Sequence[Finding]) -> bool:
        return has_new_findings(trial, self.candidate, self.sources, known)

    def uncovered(self, trial: Trial) -> Finding | None:
        """The problem that the candidate has uncovered, if it may be extended by a fix for that."""
        if not self.follow_ups:
            return None
        return follow_up.hidden_finding(self.finding, trial, self.candidate, self.sources)

    def can_stop(self, trial: Trial) -> bool:
        """Return whether the rest of the trial makes no difference."""
        if not self.is_refuted(trial):
            return False
        return not self.follow_ups or self.uncovered(trial) is not None

    def extended(self, uncovered: Finding, done: Collection[str]) -> Iterator[_Attempt]:
        """The candidate with each of the likeliest ones for the problem that it has uncovered.

        Those of the groups in `done` are fixes without it.
        """
        edited = follow_up.sources_with(self.sources, self.candidate)
        followers = [c for c in candidates_for(uncovered, edited) if c.group not in done]
        for follower in followers[:FOLLOWERS]:
            both = follow_up.combined(self.candidate, follower, self.sources, edited)
            yield _Attempt(self.finding, both, self.sources, self.base, self.follow_ups - 1)


class Prover:
    """Proves candidates.

    Args:
        trials: Runs the trials.
        found: The findings of the check so far.
        limit: How many candidates are tried for a finding.
        expect: Called when one mode has proved a candidate of the check; None if the check has
            only one mode.
    """

    def __init__(
        self, trials: Trials, found: CheckFindings, limit: int, expect: Expect | None
    ) -> None:
        self._trials = trials
        self._found = found
        self._limit = limit
        self._report_expected = expect

    async def next_fix(
        self, queue: CandidateQueue, sources: Sources, base: Mapping[str, str]
    ) -> FixedFinding | None:
        """Try candidates until one is a fix, and return it; None if none is.

        Fixes that narrow the model are returned after all others.

        Args:
            queue: The candidates of the finding; those that were tried are removed.
            sources: The files to edit.
            base: The texts of those that differ from the disk.
        """
        while queue.tried < self._limit and (candidate := queue.next()) is not None:
            follow_ups = 0 if candidate.kind in ALONE else FOLLOW_UPS
            attempt = _Attempt(queue.finding, candidate, sources, base, follow_ups)
            fixed = await self._prove(queue, attempt)
            if fixed is not None:
                queue.fixed_groups.add(candidate.group)
                if fixed.fix.proof != "narrows":
                    return fixed
                queue.narrowing.append(fixed)
        return queue.narrowing.popleft() if queue.narrowing else None

    async def _prove(self, queue: CandidateQueue, attempt: _Attempt) -> FixedFinding | None:
        """Try a candidate, and then its extensions."""
        finding, candidate, sources = attempt.finding, attempt.candidate, attempt.sources
        trial = await self._try(queue, attempt)
        before = await self._findings_before(queue, attempt, trial)
        fix = judge(finding, before, trial, candidate, sources)
        if fix is not None:
            return FixedFinding(finding, candidate, fix)
        if not queue.objection:
            why = objection(finding, before, trial, candidate, sources)
            queue.objection = f"{candidate.title}: {why}"
        if queue.expected:
            self._expect(queue, None)
        uncovered = attempt.uncovered(trial)
        if uncovered is not None:
            for extended in attempt.extended(uncovered, queue.fixed_groups - {""}):
                fixed = await self._prove(queue, extended)
                if fixed is not None:
                    return fixed
        return None

    async def _try(self, queue: CandidateQueue, attempt: _Attempt) -> Trial:
        def compared(trial: Trial) -> None:
            fix = judge_one_mode(attempt.finding, trial, attempt.candidate)
            if fix is not None:
                self._expect(queue, fix)

        return await self._trials.run(
            attempt.texts,
            target=attempt.finding.target,
            costly=TABLE[attempt.finding.stage].costly,
            rewrites=attempt.candidate.rewrites,
            varied=attempt.candidate.is_varied,
            guard=attempt.guard,
            can_stop=attempt.can_stop,
            compared=compared,
        )

    async def _findings_before(
        self, queue: CandidateQueue, attempt: _Attempt, trial: Trial
    ) -> Sequence[Finding]:
        """The findings to compare a trial with.

        A new finding of the trial proves nothing while the check may still make it as well: only
        then the end of the check's trace is waited for.
        """
        if queue.before is not None:
            return queue.before
        target = self._found[attempt.finding.target]
        if not attempt.is_refuted(trial) and attempt.has_new_findings(trial, target.findings):
            await target.traced.wait()
        return target.findings

    def _expect(self, queue: CandidateQueue, fix: Fix | None) -> None:
        """Report what one mode has proved of a finding of the check, if there is another mode."""
        if self._report_expected is not None and queue.before is None:
            queue.expected = fix is not None
            self._report_expected(queue.finding, fix)


def candidates_for(finding: Finding, sources: Sources) -> list[Candidate]:
    """Return the candidates for a finding, the likeliest first (`fixes.writers`)."""
    # Imported here: a server that has just started need not have the writers to answer its editor.
    from export_lsp.fixes import writers

    return writers.candidates_for(finding, sources)
