"""The settled result of a check as recall keeps it: in memory, and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from export_lsp.engine.recall.token_remapping import TokenRemapping
from export_lsp.engine.results.anchored import Anchored, Kind, Lines
from export_lsp.engine.results.kinds import FIX
from export_lsp.engine.results.owner_result import Offer, OwnerResult, Reported
from export_lsp.protocol import Mode
from export_lsp.source import split_lines
from export_lsp.wire import from_json

T = TypeVar("T")


@dataclass(frozen=True)
class PastResult:
    """The result of a check, from which an `OwnerResult` can be restored.

    `digests` has the SHA-256 of each file that the run has read, `tokens` the `token_digest` of
    those that are Python, `observed` its observations.  `complete` is False if fixes had yet to be
    looked for.
    """

    digests: dict[str, str]
    observed: dict[str, str]
    values: tuple[Reported[Any], ...]
    fix_all: Offer | None
    targets: tuple[str, ...]
    modes: dict[str, tuple[Mode, ...]]
    complete: bool
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        result: OwnerResult,
        digests: dict[str, str],
        observed: dict[str, str],
        *,
        complete: bool,
    ) -> PastResult:
        """Return the settled part of an owner's result, to be kept."""
        return cls(
            digests=digests,
            observed=observed,
            values=tuple(replace(each, expected=None) for each in result.settled),
            fix_all=result.fix_all,
            targets=tuple(result.targets),
            modes={target: tuple(modes) for target, modes in result.modes.items()},
            complete=complete,
        )

    def restored(self) -> OwnerResult:
        """Return the result as it was when the check had ended."""
        return OwnerResult(
            settled=list(self.values),
            fix_all=self.fix_all,
            targets=self.targets,
            modes={target: list(modes) for target, modes in self.modes.items()},
            loaded=dict(self.digests),
            observed=dict(self.observed),
            ended=True,
        )

    def texts(self) -> dict[str, str]:
        """Return the texts of the files that its values and fixes point into."""
        return {
            file: "".join(lines)
            for anchored in self._anchored()
            for file, lines in anchored.texts.items()
        }

    def moved(self, texts: Mapping[str, str]) -> PastResult | None:
        """Return the result for files with equal tokens, None if a value has lost a place.

        `texts` has the new texts of the files that differ.  Fixes that no longer fit are dropped.
        """
        remappings = {
            file: TokenRemapping(text, texts[file])
            for file, text in self.texts().items()
            if file in texts
        }
        values = []
        for reported in self.values:
            anchored = _moved_intact(reported.anchored, remappings)
            if anchored is None:
                return None
            proved = tuple(_moved_offers(reported.proved, remappings))
            values.append(replace(reported, anchored=anchored, proved=proved))
        fix_all = [self.fix_all] if self.fix_all is not None else []
        moved = next(_moved_offers(fix_all, remappings), None)
        return replace(self, values=tuple(values), fix_all=moved)

    def _anchored(self) -> Iterator[Anchored[Any]]:
        for reported in self.values:
            yield reported.anchored
            yield from (offer.anchored for offer in reported.proved)
        if self.fix_all is not None:
            yield self.fix_all.anchored


def _moved_intact(
    anchored: Anchored[T], remappings: Mapping[str, TokenRemapping]
) -> Anchored[T] | None:
    """The value with all of its places moved."""
    now = anchored.now(lambda file, _: remappings.get(file))
    if now is None or len(now.locations) < len(anchored.locations):
        return None

    def line(file: str, number: int) -> int | None:
        return remappings[file].line(number) if file in remappings else None

    return replace(now, value=now.kind.renumbered(now.value, line))


def _moved_offers(
    offers: Iterable[Offer], remappings: Mapping[str, TokenRemapping]
) -> Iterator[Offer]:
    for offer in offers:
        if (anchored := _moved_intact(offer.anchored, remappings)) is not None:
            yield Offer(anchored)


# --- JSON ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _StoredValue:
    """A value of the named kind, with the fixes that were offered for it, as JSON data.

    `no_fix` says why there was none.
    """

    kind: str
    value: Any
    fixes: tuple[Any, ...]
    no_fix: str | None


@dataclass(frozen=True)
class _StoredResult:
    """A `PastResult` as plain data; each file's text is there once."""

    digests: dict[str, str]
    observed: dict[str, str]
    texts: dict[str, str]
    values: tuple[_StoredValue, ...]
    fix_all: Any
    targets: tuple[str, ...]
    modes: dict[str, tuple[Mode, ...]]
    complete: bool
    tokens: dict[str, str]


def encoded(result: PastResult) -> Any:
    """Return a result as JSON data."""
    stored = _StoredResult(
        digests=result.digests,
        observed=result.observed,
        texts=result.texts(),
        values=tuple(
            _StoredValue(
                each.anchored.kind.name,
                each.anchored.kind.encoded(each.value),
                tuple(FIX.encoded(offer.fix) for offer in each.proved),
                each.no_fix,
            )
            for each in result.values
        ),
        fix_all=FIX.encoded(result.fix_all.fix) if result.fix_all is not None else None,
        targets=result.targets,
        modes=result.modes,
        complete=result.complete,
        tokens=result.tokens,
    )
    return dataclasses.asdict(stored)


def decoded(data: Any, kinds: Iterable[Kind[Any]]) -> PastResult:
    """Return the result of some JSON data, whose values are of these kinds.

    Raises:
        TypeError, ValueError, KeyError, AttributeError: It is not the data of a result.
    """
    stored = from_json(_StoredResult, data)
    by_name = {kind.name: kind for kind in kinds}
    lines: dict[str, Lines] = {file: split_lines(text) for file, text in stored.texts.items()}

    def anchored(kind: Kind[T], data: Any) -> Anchored[T]:
        return Anchored.reading(kind, kind.decoded(data), lines.__getitem__)

    return PastResult(
        digests=stored.digests,
        observed=stored.observed,
        values=tuple(
            Reported(
                anchored(by_name[each.kind], each.value),
                tuple(Offer(anchored(FIX, fix)) for fix in each.fixes),
                no_fix=each.no_fix,
            )
            for each in stored.values
        ),
        fix_all=Offer(anchored(FIX, stored.fix_all)) if stored.fix_all is not None else None,
        targets=stored.targets,
        modes=stored.modes,
        complete=stored.complete,
        tokens=stored.tokens,
    )
