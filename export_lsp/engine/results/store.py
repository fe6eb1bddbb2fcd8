"""What the checks of one workspace folder have found, by the file whose check found it.

That file is the owner: findings may lie in any file it imports, and go when it is checked again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from export_lsp.engine.files import disk
from export_lsp.engine.files.missing import misses
from export_lsp.engine.recall import Remembered, Shown
from export_lsp.fixes.edits import all_inside
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Finding, Location, Mode, Related, RuleCode
from export_lsp.source import split_lines

Lines = list[str]

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Offer:
    """A fix, and the text it was proved with: the lines of each file it edits.

    `number` is its own among all offers.
    """

    fix: Fix
    texts: Mapping[str, Lines]
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(frozen=True)
class Placed:
    """A finding, and the text it was found in: the lines of each file it points into.

    `proved` are its fixes, the likeliest first, `expected` is one that one mode alone has proved.
    """

    finding: Finding
    texts: Mapping[str, Lines]
    proved: tuple[Offer, ...] = ()
    expected: Offer | None = None

    @property
    def offers(self) -> tuple[Offer, ...]:
        """All there is to offer."""
        return self.proved if self.expected is None else (*self.proved, self.expected)


@dataclass
class OwnerResult:
    """What is known of one owner.

    `settled` are the findings of earlier runs, `streamed` those of the run in progress, `early`
    what a trace of the edited module alone has found.  All are shown until the run ends, so that
    nothing flickers; then its own replace them all.  `whole` is all
    the fixes of the settled findings as one.  `asked_for` says that the user wanted to know though
    the file is not open.
    """

    settled: list[Placed] = field(default_factory=list)
    streamed: list[Placed] = field(default_factory=list)
    early: list[Placed] = field(default_factory=list)
    whole: Offer | None = None
    targets: tuple[str, ...] = ()
    modes: dict[str, list[Mode]] = field(default_factory=dict)
    loaded: dict[str, str] = field(default_factory=dict)
    asked_for: bool = False

    @property
    def shown(self) -> list[Placed]:
        """All findings to show, newer ones first."""
        shown: dict[tuple[RuleCode, str, Location], list[Placed]] = {}
        for found in (self.streamed, self.early, self.settled):
            said = set(shown)
            for placed in found:
                if (key := _key(placed.finding)) not in said:
                    shown.setdefault(key, []).append(placed)
        return [placed for alike in shown.values() for placed in alike]

    def rests_on(self, file: Path) -> bool:
        """Whether the runs it comes from read a file, or missed a module that it may be."""
        found = (*self.settled, *self.early, *self.streamed)
        return str(file) in self.loaded or any(misses(each.finding, file) for each in found)

    def files(self) -> set[str]:
        """The files its findings lie in."""
        found = (*self.settled, *self.early, *self.streamed)
        return {placed.finding.location.file for placed in found}


class Results:
    """All owners' results.  `read` gives a file's lines as they are on disk."""

    def __init__(self, folder: Path, read: Callable[[str], Lines]) -> None:
        self.folder = folder
        self._read = read
        self._owners: dict[Path, OwnerResult] = {}

    def __getitem__(self, owner: Path) -> OwnerResult:
        return self._owners.setdefault(owner, OwnerResult())

    def items(self) -> Iterator[tuple[Path, OwnerResult]]:
        """Every owner with its result."""
        yield from list(self._owners.items())

    def files(self) -> set[str]:
        """The files that findings lie in."""
        return {file for _, result in self.items() for file in result.files()}

    def add(self, owner: Path, finding: Finding, *, early: bool = False) -> set[str]:
        """Take in a finding of the run in progress; the files to publish."""
        texts = {file: self._read(file) for file in _files_of(finding)}
        named = replace(finding, target=self.label(owner, finding.target))
        result = self[owner]
        (result.early if early else result.streamed).append(Placed(named, texts))
        return {finding.location.file}

    def offer(self, owner: Path, finding: Finding, fix: Fix) -> set[str]:
        """Take in a fix for a finding of the newest run; the files to publish."""
        offer = self._offer(owner, fix)
        more = () if offer is None else (offer,)
        return self._change(
            owner, finding, lambda old: replace(old, proved=(*old.proved, *more), expected=None)
        )

    def expect(self, owner: Path, finding: Finding, fix: Fix | None) -> set[str]:
        """Take in what may become a fix for a finding of the newest run; the files to publish."""
        offer = self._offer(owner, fix) if fix is not None else None
        return self._change(owner, finding, lambda old: replace(old, expected=offer))

    def _change(
        self, owner: Path, finding: Finding, change: Callable[[Placed], Placed]
    ) -> set[str]:
        named = replace(finding, target=self.label(owner, finding.target))
        result = self[owner]
        for found in (result.streamed, result.settled):
            for index, placed in enumerate(found):
                if placed.finding == named:
                    found[index] = change(placed)
                    return {finding.location.file}
        return set()

    def offer_whole(self, owner: Path, fix: Fix) -> None:
        """Take in all the fixes of the newest run as one."""
        self[owner].whole = self._offer(owner, fix)

    def wholes(self, file: str) -> Iterator[Offer]:
        """All the fixes as one of each owner that has findings in a file."""
        for _, result in self.items():
            if result.whole is not None and file in result.files():
                yield result.whole

    def offer_of(self, number: object) -> Offer | None:
        """The offer with a number, if it still stands."""
        for _, result in self.items():
            placed = (offer for p in result.shown for offer in p.offers)
            for offer in (*placed, *([result.whole] if result.whole else [])):
                if offer.number == number:
                    return offer
        return None

    def _offer(self, owner: Path, fix: Fix) -> Offer | None:
        """The fix with the texts it is for; None if it is not one to offer.

        That is where it edits a file that is not the folder's or says something else by now.
        """
        loaded = self[owner].loaded
        files = {edit.location.file for edit in fix.edits}
        checked = {file: loaded.get(file, "") for file in files}
        if not all_inside(fix.edits, self.folder) or disk.digests(files) != checked:
            return None
        return Offer(fix, {file: disk.lines(file) or [""] for file in files})

    def replace(self, owner: Path) -> set[str]:
        """The run has ended: its findings replace the older ones; the files to publish."""
        result = self[owner]
        files = result.files()
        result.settled, result.streamed, result.early = result.streamed, [], []
        result.whole = None
        return files

    def remembered(self, owner: Path, digests: dict[str, str], *, complete: bool) -> Remembered:
        """The settled result of an owner, to be kept."""
        result = self[owner]
        offers = [offer for p in result.settled for offer in p.proved]
        offers += [result.whole] if result.whole is not None else []
        found = [p.texts for p in result.settled] + [offer.texts for offer in offers]
        texts = {file: "".join(lines) for each in found for file, lines in each.items()}
        return Remembered(
            digests=digests,
            texts=texts,
            shown=tuple(
                Shown(p.finding, tuple(offer.fix for offer in p.proved)) for p in result.settled
            ),
            whole=result.whole.fix if result.whole is not None else None,
            targets=result.targets,
            modes={target: tuple(modes) for target, modes in result.modes.items()},
            complete=complete,
        )

    def restore(self, owner: Path, remembered: Remembered) -> set[str]:
        """Take what is remembered for the owner's result; the files to publish."""
        before = self[owner].files()
        lines = {file: split_lines(text) for file, text in remembered.texts.items()}

        def texts(files: Iterable[str]) -> dict[str, Lines]:
            return {file: lines[file] for file in files}

        def offer(fix: Fix) -> Offer:
            return Offer(fix, texts({edit.location.file for edit in fix.edits}))

        result = self._owners[owner] = OwnerResult(
            settled=[
                Placed(
                    each.finding,
                    texts(_files_of(each.finding)),
                    tuple(offer(fix) for fix in each.fixes),
                )
                for each in remembered.shown
            ],
            whole=offer(remembered.whole) if remembered.whole is not None else None,
            targets=remembered.targets,
            modes={target: list(modes) for target, modes in remembered.modes.items()},
            loaded=dict(remembered.digests),
            asked_for=self[owner].asked_for,
        )
        return before | result.files()

    def interrupt(self, owner: Path) -> None:
        """The run was broken off: what it has found stays until another run has ended."""
        result = self[owner]
        result.settled, result.streamed, result.early = result.shown, [], []

    def drop(self, owner: Path) -> set[str]:
        """Forget an owner; the files to publish."""
        return self._owners.pop(owner, OwnerResult()).files()

    def owners_resting_on(self, file: Path) -> list[Path]:
        """The other files whose results rest on this one."""
        return [owner for owner, result in self.items() if owner != file and result.rests_on(file)]

    def label(self, owner: Path, target: str) -> str:
        """A target's name among those of all files of the folder."""
        shown = owner.relative_to(self.folder) if owner.is_relative_to(self.folder) else owner
        return f"{shown.as_posix()}::{target}" if target else ""

    def target_modes(self) -> dict[str, list[Mode]]:
        """The modes each target was checked in, by its label."""
        return {
            self.label(owner, target): modes
            for owner, result in self.items()
            for target, modes in result.modes.items()
        }


def _key(finding: Finding) -> tuple[RuleCode, str, Location]:
    """What makes a newer finding stand for an older one."""
    return finding.rule, finding.target, finding.location


def _files_of(finding: Finding) -> set[str]:
    return {finding.location.file, *(related.location.file for related in finding.related)}


def moved(finding: Finding, move: Callable[[Location], Location | None]) -> Finding | None:
    """The finding at its place in the text as it is now; None if that place is gone."""
    location = move(finding.location)
    if location is None:
        return None
    related = [(item, move(item.location)) for item in finding.related]
    return replace(
        finding,
        location=location,
        related=tuple(Related(place, item.message) for item, place in related if place),
    )
