"""All fixes of a check as one: what has been taken into it so far, and what is left with that."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import cast

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import ConflictError, compose, differences, edited_texts
from export_lsp.fixes.proof import WRONG, Fix, Trial, places, up_to
from export_lsp.protocol import Finding, Location
from export_lsp.source import Source
from export_lsp.stages import STAGES, TABLE, Stage


@dataclass(frozen=True)
class FixedFinding:
    """A finding and the candidate that was proved to mend it."""

    finding: Finding
    candidate: Candidate
    fix: Fix


def compatible(mended: Iterable[FixedFinding]) -> list[FixedFinding]:
    """Those that can be applied together, earlier ones first."""
    taken: list[FixedFinding] = []
    for one in mended:
        try:
            compose(other.candidate.edits for other in (*taken, one))
        except ConflictError:
            continue
        taken.append(one)
    return taken


class FixAll:
    """Edits that were tried together, in rounds: those of one round are edits of what the files
    were at its beginning.

    `texts` are the files that they have changed, `sources` all files with those texts, `left` the
    findings that there are with them.
    """

    def __init__(self, original: Mapping[str, Source], findings: Iterable[Finding]) -> None:
        self._original = original
        self.left = tuple(findings)
        self._total = _count(self.left)
        self._trial: Trial | None = None
        self.costly = any(TABLE[finding.stage].costly for finding in self.left)
        self.rewrites = False
        self.texts: dict[str, str] = {}
        self._fixed_before = 0
        self._mended: Sequence[FixedFinding] = ()
        self.begin_round()

    def begin_round(self) -> None:
        self._fixed_before, self._mended = self.fixed, ()
        self._begun = dict(self.texts)
        edited = {file: self._original[file].edited(text) for file, text in self._begun.items()}
        self.sources: Sources = ChainMap(
            edited, cast("MutableMapping[str, Source]", self._original)
        )

    def with_edits(self, mended: Sequence[FixedFinding]) -> dict[str, str]:
        """The texts with these edits of the round."""
        edits = compose(one.candidate.edits for one in mended)
        return {**self._begun, **edited_texts(self.sources, edits)}

    def take(self, mended: Sequence[FixedFinding], trial: Trial) -> bool:
        """Take these to be the round's edits if a trial of them found less than there was before,
        up to the stages they are about, and no other results; whether it did."""
        last = max((one.finding.stage for one in mended), key=STAGES.index)
        fewer = len(_by_stage(last, trial.findings)) < len(_by_stage(last, self.left))
        fewer = fewer and _wrong(trial.findings) <= _wrong(self.left)
        behind = any(TABLE[one.finding.stage].hides_rest for one in mended)
        if trial.timed_out or trial.incomplete or not (fewer or behind):
            return False
        self.texts = self.with_edits(mended)
        self.rewrites = self.rewrites or any(one.candidate.rewrites for one in mended)
        self.left = trial.findings
        self._trial = trial
        self._mended = mended
        return True

    @property
    def fixed(self) -> int:
        """How many problems the edits are for, those of later rounds included."""
        return self._fixed_before + _count(one.finding for one in self._mended)

    def fix(self) -> Fix | None:
        """All of it as one fix of the files as they were; None if there is nothing in it."""
        trial = self._trial
        if trial is None:
            return None
        edits = tuple(
            edit
            for file, text in self.texts.items()
            for edit in differences(self._original[file], text)
        )
        if not trial.agrees:
            title = f"Fix {self._what()}: {_count(self.left)} left"
            return Fix(title, "advances", edits)
        left_out = next(iter(filter(None, trial.compared.values())), "")
        if left_out or not trial.compared:
            return Fix(f"Fix {self._what()} (exports; {left_out})", "unverified", edits)
        return Fix(f"Fix {self._what()}: the export succeeds", "exports", edits)

    def _what(self) -> str:
        left = _count(self.left)
        if not left:
            return "the problem" if self._total == 1 else f"all {self._total} problems"
        return "what can be fixed"


def _by_stage(stage: Stage, findings: Iterable[Finding]) -> set[Location | None]:
    return up_to(stage, ((finding, finding.location) for finding in findings))


def _wrong(findings: Iterable[Finding]) -> int:
    return _count(finding for finding in findings if finding.rule in WRONG)


def _count(findings: Iterable[Finding]) -> int:
    return len({place for _, place in places(findings)})
