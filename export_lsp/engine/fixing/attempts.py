"""The candidates of one finding, tried until one works."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from export_lsp.engine.fixing.targets import Targets
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
)
from export_lsp.fixes.trial import Trial
from export_lsp.protocol import Finding
from export_lsp.stages import TABLE

# So many candidates may have to follow another one at its place, and so many are tried for each.
LINKS = 2
FOLLOWERS = 2


@dataclass
class Pending:
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


class Attempts:
    """Tries so many `candidates` for a finding.

    `expect` is told what one mode alone has proved, and None for what the other has refuted; it is
    left out where there is no other mode.
    """

    def __init__(
        self,
        trials: Trials,
        targets: Targets,
        candidates: int,
        expect: Callable[[Finding, Fix | None], None] | None,
    ) -> None:
        self._trials = trials
        self._targets = targets
        self._candidates = candidates
        self._tell = expect

    async def next(
        self, pending: Pending, sources: Sources, base: Mapping[str, str]
    ) -> FixedFinding | None:
        """The next candidate that works, None if there is none.

        `sources` are the files to edit, `base` those of their texts that are not on disk.
        """
        while pending.candidates and pending.tried < self._candidates:
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
        pending: Pending,
        candidate: Candidate,
        sources: Sources,
        base: Mapping[str, str],
        links: int = LINKS,
    ) -> FixedFinding | None:
        """A candidate if it works, or with what has to follow it: so many `links` more."""
        finding = pending.finding

        def over(trial: Trial) -> bool:
            if not is_refuted(finding, trial, candidate, sources):
                return False
            return (
                not links
                or follow_up.hidden_finding(finding, trial, candidate, sources) is not None
            )

        def compared(trial: Trial) -> None:
            fix = judge_one_mode(finding, trial, candidate)
            if fix is not None:
                self._expect(pending, fix)

        trial = await self._trials.trial(
            {**base, **edited_texts(sources, candidate.edits)},
            costly=TABLE[finding.stage].costly,
            only=finding.target,
            rewritten=candidate.rewrites,
            over=over,
            compared=compared,
        )
        before = pending.before
        if before is None:
            target = self._targets[finding.target]
            decided = is_refuted(finding, trial, candidate, sources)
            if not decided and has_new_findings(trial, candidate, sources, target.findings):
                await target.settled.wait()
            before = target.findings
        fix = judge(finding, before, trial, candidate, sources)
        if fix is not None:
            return FixedFinding(finding, candidate, fix)
        if pending.expected:
            self._expect(pending, None)
        rest = follow_up.hidden_finding(finding, trial, candidate, sources) if links else None
        if rest is not None:
            between = follow_up.sources_with(sources, candidate)
            for then in candidates(rest, between)[:FOLLOWERS]:
                both = follow_up.combined(candidate, then, sources, between)
                mended = await self._try(pending, both, sources, base, links - 1)
                if mended is not None:
                    return mended
        return None

    def _expect(self, pending: Pending, fix: Fix | None) -> None:
        """Tell what one mode has proved, or that it is not so, where there is another to wait for
        and the finding is one of the check and not of a trial."""
        if self._tell is not None and pending.before is None:
            pending.expected = fix is not None
            self._tell(pending.finding, fix)


def candidates(finding: Finding, sources: Sources) -> list[Candidate]:
    # The writers are more than a server needs to answer an editor that has just been opened.
    from export_lsp.fixes import writers

    return writers.candidates_for(finding, sources)
