"""All fixes of a check as one fix, put together in rounds and proved as a whole."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import cast

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import ConflictError, compose, differences, edited_texts
from export_lsp.fixes.proof import Fix, locations_up_to, rule_locations, unmoved
from export_lsp.fixes.trial import WRONG_RESULTS, Trial
from export_lsp.protocol import Finding
from export_lsp.source import Source
from export_lsp.stages import STAGES, TABLE


@dataclass(frozen=True)
class FixedFinding:
    """A finding, the candidate that fixes it, and the fix that a trial proved that to be."""

    finding: Finding
    candidate: Candidate
    fix: Fix


def compatible(fixed: Iterable[FixedFinding]) -> list[FixedFinding]:
    """Return those whose edits can be applied together; of two in conflict the earlier one."""
    taken: list[FixedFinding] = []
    for one in fixed:
        try:
            compose(other.candidate.edits for other in (*taken, one))
        except ConflictError:
            continue
        taken.append(one)
    return taken


class FixAll:
    """Edits that were tried together, in rounds: a round edits the files as the last one left them.

    `texts` are the new texts of the files changed so far, `sources` all files with those texts, and
    `left` the findings that remain.
    """

    def __init__(self, original: Mapping[str, Source], findings: Iterable[Finding]) -> None:
        self._original = original
        self.left = tuple(findings)
        self._total = _count(self.left)
        self._trial: Trial | None = None
        self.costly = any(TABLE[finding.stage].costly for finding in self.left)
        self.rewrites = False
        self.varied = True
        self.texts: dict[str, str] = {}
        self._fixed_before = 0
        self._round: Sequence[FixedFinding] = ()
        self.begin_round()

    def begin_round(self) -> None:
        """Let later edits be edits of the texts taken so far."""
        self._fixed_before, self._round = self.fixed, ()
        self._texts_before = dict(self.texts)
        edited = {
            file: self._original[file].edited(text) for file, text in self._texts_before.items()
        }
        self.sources: Sources = ChainMap(
            edited, cast("MutableMapping[str, Source]", self._original)
        )

    def with_edits(self, fixed: Sequence[FixedFinding]) -> dict[str, str]:
        """Return the texts of all changed files with these edits of the round applied.

        Raises:
            ConflictError: two of the edits change the same text.
        """
        edits = compose(one.candidate.edits for one in fixed)
        return {**self._texts_before, **edited_texts(self.sources, edits)}

    def take(self, fixed: Sequence[FixedFinding], trial: Trial) -> bool:
        """Make these the edits of the round if the trial of them shows progress.

        Returns whether it does.
        """
        proves_nothing = trial.exceeded_limit or trial.incomplete or trial.refuses
        if proves_nothing or not self._is_progress(fixed, trial):
            return False
        self.texts = self.with_edits(fixed)
        self.rewrites = self.rewrites or any(one.candidate.rewrites for one in fixed)
        self.varied = self.varied and all(one.candidate.is_varied for one in fixed)
        self.left = trial.findings
        self._trial = trial
        self._round = fixed
        return True

    def _is_progress(self, fixed: Sequence[FixedFinding], trial: Trial) -> bool:
        """Return whether fewer problems remain up to the fixed ones, and no more wrong results.

        Behind a failure that hides the rest of the check there may be any number of others.
        """
        if any(TABLE[one.finding.stage].hides_rest for one in fixed):
            return True
        last = max((one.finding.stage for one in fixed), key=STAGES.index)
        now, before = (
            locations_up_to(last, unmoved(found)) for found in (trial.findings, self.left)
        )
        return len(now) < len(before) and _wrong(trial.findings) <= _wrong(self.left)

    @property
    def fixed(self) -> int:
        """The number of problems that the edits of all rounds fix."""
        return self._fixed_before + _count(one.finding for one in self._round)

    def fix(self) -> Fix | None:
        """Return all edits as one fix of the original files; None if no round was taken."""
        trial = self._trial
        if trial is None:
            return None
        edits = tuple(
            edit
            for file, text in self.texts.items()
            for edit in differences(self._original[file], text)
        )
        title = f"Fix {self._extent()}"
        if not trial.agrees:
            return Fix(f"{title}: {_count(self.left)} left", "advances", edits)
        not_compared = next(iter(filter(None, trial.compared.values())), "")
        if not_compared or not trial.compared:
            return Fix(f"{title} (exports; {not_compared})", "unverified", edits)
        return Fix(f"{title}: the export succeeds", "exports", edits)

    def _extent(self) -> str:
        if _count(self.left):
            return "what can be fixed"
        return "the problem" if self._total == 1 else f"all {self._total} problems"


def _wrong(findings: Iterable[Finding]) -> int:
    return _count(finding for finding in findings if finding.rule in WRONG_RESULTS)


def _count(findings: Iterable[Finding]) -> int:
    return len({location for _, location in rule_locations(findings)})
