"""Puts the fixes of all findings of a check together as one, and proves that as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from export_lsp.engine.fixing.check_findings import CheckFindings
from export_lsp.engine.fixing.events import Budget, FixAllFound
from export_lsp.engine.fixing.prover import CandidateQueue, Prover
from export_lsp.engine.fixing.trials import Trials
from export_lsp.fixes.candidate import Sources
from export_lsp.fixes.fix_all import FixAll, FixedFinding, compatible
from export_lsp.fixes.proof import same_place

# How often fixes are added for the findings of the trial of all fixes so far.
ROUNDS = 5


class FixAllProver:
    """Proves a fix of all problems, in rounds.

    Each round fixes the findings of the previous round's trial.

    Args:
        trials: Runs the trials.
        prover: Proves the fixes of further findings.
        sources: The files to edit.
        found: The findings of the check.
        budget: Says which fixes may be part of it.
        report: Called with the result, if there is one.
    """

    def __init__(
        self,
        trials: Trials,
        prover: Prover,
        sources: Sources,
        found: CheckFindings,
        budget: Budget,
        report: Callable[[FixAllFound], None],
    ) -> None:
        self._trials = trials
        self._prover = prover
        self._sources = sources
        self._found = found
        self._budget = budget
        self._report = report

    async def prove(self, fixed: Sequence[FixedFinding]) -> None:
        """Put these fixes together, at least one, and add fixes for the findings that are left."""
        if self._is_all(fixed):
            self._report(FixAllFound(fixed[0].fix, 1))
            return
        fix_all = FixAll(self._sources, self._found.all)
        for _ in range(ROUNDS):
            if not fixed or not await self._add(fix_all, fixed) or not fix_all.left:
                break
            fix_all.begin_round()
            fixed = await self._fix_remaining(fix_all)
        fix = fix_all.fix()
        if fix is not None:
            self._report(FixAllFound(fix, fix_all.fixed))

    async def _add(self, fix_all: FixAll, fixed: Sequence[FixedFinding]) -> bool:
        """Add fixes, all at once or else one by one; return whether any helped."""
        if await self._helps(fix_all, compatible(fixed)):
            return True
        if len(fixed) == 1:
            return False
        taken: list[FixedFinding] = []
        for one in fixed:
            extended = [*taken, one]
            if len(compatible(extended)) == len(extended) and await self._helps(fix_all, extended):
                taken = extended
        return bool(taken)

    async def _helps(self, fix_all: FixAll, fixed: Sequence[FixedFinding]) -> bool:
        trial = await self._trials.run(
            fix_all.with_edits(fixed),
            target="",
            costly=fix_all.costly,
            rewrites=fix_all.rewrites or any(one.candidate.rewrites for one in fixed),
            varied=fix_all.varied and all(one.candidate.is_varied for one in fixed),
        )
        return fix_all.take(fixed, trial)

    async def _fix_remaining(self, fix_all: FixAll) -> list[FixedFinding]:
        """Prove fixes for the findings that remain with all fixes so far."""
        fixed: list[FixedFinding] = []
        for finding in fix_all.left:
            if any(same_place(finding, other.finding) for other in fixed):
                continue
            before = [other for other in fix_all.left if other.target == finding.target]
            queue = CandidateQueue.of(finding, fix_all.sources, before)
            one = await self._prover.next_fix(queue, fix_all.sources, fix_all.texts)
            if one is not None and self._budget.admits(one.fix):
                fixed.append(one)
        return fixed

    def _is_all(self, fixed: Sequence[FixedFinding]) -> bool:
        """Return whether a single fix was proved that leaves nothing to do."""
        [first, *others] = fixed
        return (
            not others
            and first.fix.proof == "exports"
            and len(list(self._found.targets)) == 1
            and all(same_place(first.finding, finding) for finding in self._found.all)
        )
