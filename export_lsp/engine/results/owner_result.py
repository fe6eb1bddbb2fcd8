"""The result of one owner: a file whose targets are checked."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from export_lsp.engine.files.missing_files import may_be_missing_module
from export_lsp.engine.results.anchored import Anchored, Kind
from export_lsp.fixes.proof import Fix
from export_lsp.observed import keys_about
from export_lsp.protocol import Finding, Mode

T = TypeVar("T")

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Offer:
    """A fix as it is offered, with the text it was proved with.

    `number` identifies the offer in this process.
    """

    anchored: Anchored[Fix]
    number: int = field(default_factory=lambda: next(_numbers), compare=False)

    @property
    def fix(self) -> Fix:
        """The fix, in the text it was proved with."""
        return self.anchored.value


@dataclass(frozen=True)
class Reported(Generic[T]):
    """A value that a run has reported, and the fixes offered for it.

    `proved` has the likeliest fix first; `expected` is a fix that only one mode has proved so far.
    `no_fix` says why none was found, None while one is looked for, or if the search was broken off.
    """

    anchored: Anchored[T]
    proved: tuple[Offer, ...] = ()
    expected: Offer | None = None
    no_fix: str | None = None

    @property
    def value(self) -> T:
        """The value, at its places in the text of the run."""
        return self.anchored.value

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The proved fixes, then the expected one."""
        return self.proved if self.expected is None else (*self.proved, self.expected)


@dataclass
class OwnerResult:
    """The newest result of an owner, and what the run in progress adds to it.

    `settled` holds the values of the last finished runs, `streamed` those of the run in progress,
    and `early` those of its early trace.  All of them stand until the run ends, so that nothing
    flickers; then the run's own values replace the others.  `fix_all` combines the fixes of all
    settled findings.  `loaded` has the digests of the files that the runs have read, `observed`
    their observations.  `ended` is True once a run has ended.  `asked_for` is True
    if the user asked for a check of this file while it was not open.  `interrupted` is True if the
    newest run did not come to its end.  `outdated` is True if a file has changed that the runs have
    read, and nobody is shown a new check.
    """

    settled: list[Reported[Any]] = field(default_factory=list)
    streamed: list[Reported[Any]] = field(default_factory=list)
    early: list[Reported[Any]] = field(default_factory=list)
    fix_all: Offer | None = None
    targets: tuple[str, ...] = ()
    modes: dict[str, list[Mode]] = field(default_factory=dict)
    loaded: dict[str, str] = field(default_factory=dict)
    observed: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    asked_for: bool = False
    interrupted: bool = False
    outdated: bool = False

    @property
    def standing(self) -> list[Reported[Any]]:
        """All values that no newer one has superseded, the newest first."""
        standing: dict[Hashable, list[Reported[Any]]] = {}
        for reported in (self.streamed, self.early, self.settled):
            superseded = set(standing)
            for each in reported:
                kind = each.anchored.kind
                if (identity := (kind.name, kind.identity(each.value))) not in superseded:
                    standing.setdefault(identity, []).append(each)
        return [each for alike in standing.values() for each in alike]

    def of(self, kind: Kind[T]) -> list[Reported[T]]:
        """Return the standing values of one kind."""
        return [cast(Reported[T], each) for each in self.standing if each.anchored.kind is kind]

    @property
    def offers(self) -> Iterator[Offer]:
        """Every offer: those of the standing values, then the one for all problems."""
        for each in self.standing:
            yield from each.offers
        if self.fix_all is not None:
            yield self.fix_all

    def rests_on(self, file: Path) -> bool:
        """Return whether the runs have read or looked at a file, or may have missed it."""
        if str(file) in self.loaded or any(key in self.observed for key in keys_about(file)):
            return True
        return any(
            isinstance(each.value, Finding) and may_be_missing_module(file, each.value)
            for each in self._all()
        )

    def files(self, kind: Kind[Any] | None = None) -> set[str]:
        """Return the files that its values are shown in, or those of one kind."""
        return {
            each.anchored.locations[0].file
            for each in self._all()
            if kind is None or each.anchored.kind is kind
        }

    def _all(self) -> Iterator[Reported[Any]]:
        return itertools.chain(self.settled, self.early, self.streamed)
