"""All fixes of a check as one, proved as a whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence

from export_lsp.engine.fixing.attempts import Attempts, Pending, candidates
from export_lsp.engine.fixing.offered import Budget, OfferedWhole
from export_lsp.engine.fixing.targets import Targets
from export_lsp.engine.fixing.trials import Trials
from export_lsp.fixes.candidate import Sources
from export_lsp.fixes.fix_all import FixAll, FixedFinding, compatible
from export_lsp.fixes.proof import same_place
from export_lsp.protocol import Finding

# So many times the fixes of what was found with the fixes are added to them.
ROUNDS = 5


class Together:
    """Composes what was proved, in rounds; `say` gets the one fix that comes of it."""

    def __init__(
        self,
        trials: Trials,
        attempts: Attempts,
        sources: Sources,
        targets: Targets,
        budget: Budget,
        say: Callable[[OfferedWhole], None],
    ) -> None:
        self._trials = trials
        self._attempts = attempts
        self._sources = sources
        self._targets = targets
        self._budget = budget
        self._say = say

    async def prove(self, mended: Sequence[FixedFinding]) -> None:
        """Compose what was proved, try the whole, and go on with what is found then."""
        findings = self._targets.findings
        if _is_all(mended, findings, list(self._targets)):
            self._say(OfferedWhole(mended[0].fix, 1))
            return
        whole = FixAll(self._sources, findings)
        for _ in range(ROUNDS):
            if not mended or not await self._add(whole, mended) or not whole.left:
                break
            whole.begin_round()
            mended = await self._mend(whole)
        fix = whole.fix()
        if fix is not None:
            self._say(OfferedWhole(fix, whole.fixed))

    async def _add(self, whole: FixAll, mended: Sequence[FixedFinding]) -> bool:
        """Take the fixes into the whole, all at once or else one by one; whether any helped."""
        if await self._helps(whole, compatible(mended)):
            return True
        taken: list[FixedFinding] = []
        for one in mended if len(mended) > 1 else ():
            if len(compatible([*taken, one])) > len(taken) and await self._helps(
                whole, [*taken, one]
            ):
                taken.append(one)
        return bool(taken)

    async def _helps(self, whole: FixAll, mended: Sequence[FixedFinding]) -> bool:
        trial = await self._trials.trial(
            whole.with_edits(mended),
            costly=whole.costly,
            only="",
            rewritten=whole.rewrites or any(one.candidate.rewrites for one in mended),
        )
        return whole.take(mended, trial)

    async def _mend(self, whole: FixAll) -> list[FixedFinding]:
        """What helps against the findings that are left with the whole's edits."""
        mended: list[FixedFinding] = []
        for finding in whole.left:
            if any(same_place(finding, other.finding) for other in mended):
                continue
            before = [other for other in whole.left if other.target == finding.target]
            pending = Pending(finding, deque(candidates(finding, whole.sources)), before)
            found = await self._attempts.next(pending, whole.sources, whole.texts)
            if found is not None and self._budget.admits(found.fix):
                mended.append(found)
        return mended


def _is_all(
    mended: Sequence[FixedFinding], findings: Sequence[Finding], targets: Collection[str]
) -> bool:
    """Whether the one fix that there is leaves nothing to do."""
    [first, *others] = mended
    return (
        not others
        and first.fix.proof == "exports"
        and len([name for name in targets if name]) == 1
        and all(same_place(first.finding, finding) for finding in findings)
    )
