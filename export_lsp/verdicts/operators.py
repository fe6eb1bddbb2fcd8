"""The operators that an expression became, as a phrase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from export_lsp.protocol import Location, Operators

# More operators than this are not told in one line.
MOST = 8
ATEN = "aten."


def operators_in(place: Location, found: Iterable[Operators]) -> Operators | None:
    """Return the operators of all expressions inside a place together; None if there are none."""
    inside = [each for each in found if _covers(place, each.location)]
    if not inside:
        return None
    # The order of evaluation: operands end before their operator, or begin after it.
    inside.sort(key=lambda each: each.location.start, reverse=True)
    inside.sort(key=lambda each: each.location.end)
    return united(place, *inside)


def united(place: Location, *found: Operators) -> Operators:
    """Return the operators of several expressions as those of one place, each once."""
    return Operators(
        place,
        tuple(dict.fromkeys(name for each in found for name in each.operators)),
        tuple(dict.fromkeys(name for each in found for name in each.core)),
        tuple(dict.fromkeys(name for each in found for name in each.other)),
    )


def operators_phrase(found: Operators) -> str:
    """Return operators: "aten.linear, aten.view  (core: view, permute, addmm)"."""
    notes = []
    if found.core and set(found.core) != set(found.operators):
        notes.append(f"core: {_listed([each.removeprefix(ATEN) for each in found.core])}")
    if found.other:
        notes.append(f"not core: {_listed(found.other)}")
    more = f"  ({'; '.join(notes)})" if notes else ""
    return f"{_listed(found.operators)}{more}"


def _listed(names: Sequence[str]) -> str:
    more = [f"{len(names) - MOST} more"] if len(names) > MOST else []
    return ", ".join([*names[:MOST], *more])


def _covers(outer: Location, inner: Location) -> bool:
    return outer.file == inner.file and outer.start <= inner.start and inner.end <= outer.end
