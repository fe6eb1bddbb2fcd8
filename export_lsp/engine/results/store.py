"""The results of all checks of one workspace folder, by the file that was checked.

That file is the owner of its results: they may lie in any file it imports, and go when it is
checked again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from export_lsp.engine.files import disk
from export_lsp.engine.results.anchored import Anchored, Kind, Lines
from export_lsp.engine.results.file_costs import COSTS, FileCosts
from export_lsp.engine.results.file_values import VALUES, FileValues
from export_lsp.engine.results.kinds import FINDING, FIX
from export_lsp.engine.results.owner_result import Offer, OwnerResult, Reported
from export_lsp.fixes.edits import all_inside
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Costs, Finding, Insight, Mode

T = TypeVar("T")


class Results:
    """The results of all owners of a folder; `read` returns the lines of a file on disk.

    Methods that change what an editor shows return the files whose display may have changed.
    """

    def __init__(self, folder: Path, read: Callable[[str], Lines]) -> None:
        self.folder = folder
        self._read = read
        self._owners: dict[Path, OwnerResult] = {}

    def __getitem__(self, owner: Path) -> OwnerResult:
        return self._owners.setdefault(owner, OwnerResult())

    def get(self, owner: Path) -> OwnerResult | None:
        """Return the result of an owner, None if it has none."""
        return self._owners.get(owner)

    def items(self) -> Iterator[tuple[Path, OwnerResult]]:
        """Iterate over every owner and its result."""
        yield from list(self._owners.items())

    def files(self, kind: Kind[Any] | None = None) -> set[str]:
        """Return the files that any result, or its values of one kind, is shown in."""
        return {file for _, result in self.items() for file in result.files(kind)}

    # --- a run in progress -------------------------------------------------------------------

    def report(self, owner: Path, kind: Kind[T], value: T, *, early: bool = False) -> set[str]:
        """Add a value that the owner's run has reported; `early` if by its early trace."""
        result = self[owner]
        reported = Reported(Anchored.reading(kind, value, self._read))
        (result.early if early else result.streamed).append(reported)
        return {kind.locations(value)[0].file}

    def add(self, owner: Path, finding: Finding, *, early: bool = False) -> set[str]:
        """Add a finding that the owner's run has reported; `early` if by its early trace."""
        return self.report(owner, FINDING, self._labelled(owner, finding), early=early)

    def add_values(self, owner: Path, insight: Insight) -> None:
        """Add the values of a trace of the owner's run."""
        for file, values in itertools.groupby(insight.values, lambda each: each.location.file):
            target = self.label(owner, insight.target)
            self.report(owner, VALUES, FileValues(target, file, tuple(values)))

    def add_costs(self, owner: Path, costs: Costs) -> None:
        """Add the operators and the costs of classes of a target of the owner's run."""
        target = self.label(owner, costs.target)
        files = dict.fromkeys(each.location.file for each in costs.operators)
        files |= dict.fromkeys(each.location.file for each in costs.classes)
        for file in files:
            found = FileCosts(
                target,
                file,
                tuple(each for each in costs.operators if each.location.file == file),
                tuple(each for each in costs.classes if each.location.file == file),
            )
            self.report(owner, COSTS, found)

    def offer(self, owner: Path, finding: Finding, fix: Fix) -> set[str]:
        """Offer a proved fix for a finding of the newest run, after those offered before."""
        offer = self._offer(owner, fix)
        more = () if offer is None else (offer,)
        return self._change(
            owner, finding, lambda old: replace(old, proved=(*old.proved, *more), expected=None)
        )

    def expect(self, owner: Path, finding: Finding, fix: Fix | None) -> set[str]:
        """Offer a fix that one mode has yet to prove; None withdraws it."""
        offer = self._offer(owner, fix) if fix is not None else None
        return self._change(owner, finding, lambda old: replace(old, expected=offer))

    def note_no_fix(self, owner: Path, finding: Finding, reason: str) -> set[str]:
        """Note why there is no fix for a finding of the newest run."""
        return self._change(owner, finding, lambda old: replace(old, no_fix=reason))

    def offer_fix_all(self, owner: Path, fix: Fix) -> None:
        """Offer the combined fixes of the newest run."""
        self[owner].fix_all = self._offer(owner, fix)

    def settle(self, owner: Path) -> set[str]:
        """Settle a run that has ended: its values replace all older ones."""
        result = self[owner]
        files = result.files()
        result.settled, result.streamed, result.early = result.streamed, [], []
        result.fix_all = None
        result.ended = True
        result.interrupted = result.outdated = False
        return files

    def interrupt(self, owner: Path) -> None:
        """Keep what an interrupted run has reported beside the older values."""
        result = self[owner]
        result.settled, result.streamed, result.early = result.standing, [], []
        result.interrupted = True

    def _change(
        self, owner: Path, finding: Finding, change: Callable[[Reported[Any]], Reported[Any]]
    ) -> set[str]:
        labelled = self._labelled(owner, finding)
        result = self[owner]
        for values in (result.streamed, result.settled):
            for index, reported in enumerate(values):
                if reported.value == labelled:
                    values[index] = change(reported)
                    return {finding.location.file}
        return set()

    def _offer(self, owner: Path, fix: Fix) -> Offer | None:
        """The fix as an offer; None if it edits a file outside the folder, or a changed one."""
        loaded = self[owner].loaded
        files = {edit.location.file for edit in fix.edits}
        checked = {file: loaded.get(file, "") for file in files}
        if not all_inside(fix.edits, self.folder) or disk.digests(files) != checked:
            return None
        return Offer(Anchored.reading(FIX, fix, lambda file: disk.lines(file) or [""]))

    # --- settled results ---------------------------------------------------------------------

    def restore(self, owner: Path, result: OwnerResult) -> set[str]:
        """Take an earlier result as the owner's current one."""
        before = self[owner]
        result.asked_for = before.asked_for
        self._owners[owner] = result
        return before.files() | result.files()

    def drop(self, owner: Path) -> set[str]:
        """Forget an owner."""
        return self._owners.pop(owner, OwnerResult()).files()

    def fix_alls(self, file: str) -> Iterator[Offer]:
        """Iterate over the combined fixes of every owner with a value in a file."""
        for _, result in self.items():
            if result.fix_all is not None and file in result.files():
                yield result.fix_all

    def files_fixed_in(self, file: str) -> set[str]:
        """Return the files with findings that have a fix which edits a file."""
        return {
            each.anchored.locations[0].file
            for _, result in self.items()
            for each in result.standing
            for offer in each.offers
            if file in offer.anchored.texts
        }

    def offer_of(self, number: object) -> Offer | None:
        """Return the offer with a number, None if it is no longer offered."""
        offers = (offer for _, result in self.items() for offer in result.offers)
        return next((offer for offer in offers if offer.number == number), None)

    def owners_resting_on(self, file: Path) -> list[Path]:
        """Return the other owners whose results depend on a file."""
        return [owner for owner, result in self.items() if owner != file and result.rests_on(file)]

    def label(self, owner: Path, target: str) -> str:
        """Return a target's name among those of all files of the folder."""
        path = owner.relative_to(self.folder) if owner.is_relative_to(self.folder) else owner
        return f"{path.as_posix()}::{target}" if target else ""

    def target_modes(self) -> dict[str, list[Mode]]:
        """Return the modes that each target was checked in, by the target's label."""
        return {
            self.label(owner, target): modes
            for owner, result in self.items()
            for target, modes in result.modes.items()
        }

    def _labelled(self, owner: Path, finding: Finding) -> Finding:
        return replace(finding, target=self.label(owner, finding.target))
