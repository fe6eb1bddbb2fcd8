"""A remembered result in files that have the same code, but other comments and space."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from export_lsp.engine.recall.code import Way
from export_lsp.engine.recall.remembered import Remembered, Shown
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Finding, Location, Related

# As a traceback names a line.
_LINE = re.compile(r'(File "(?P<file>[^"]+)", line )(?P<line>\d+)')


class GoneError(Exception):
    """A place has no counterpart."""


def moved(remembered: Remembered, texts: Mapping[str, str]) -> Remembered | None:
    """The result for files that have these texts now; None if a finding's place is another."""
    pointed = {file: text for file, text in texts.items() if file in remembered.texts}
    ways = {file: Way(remembered.texts[file], text) for file, text in pointed.items()}
    try:
        shown = tuple(
            Shown(_finding(each.finding, ways), tuple(_fixes(each.fixes, ways)))
            for each in remembered.shown
        )
    except GoneError:
        return None
    whole = [remembered.whole] if remembered.whole is not None else []
    return replace(
        remembered,
        shown=shown,
        whole=next(_fixes(tuple(whole), ways), None),
        texts={**remembered.texts, **pointed},
    )


def _finding(finding: Finding, ways: Mapping[str, Way]) -> Finding:
    return replace(
        finding,
        location=_location(finding.location, ways),
        related=tuple(Related(_location(r.location, ways), r.message) for r in finding.related),
        detail=_LINE.sub(lambda match: _renumbered(match, ways), finding.detail),
        remedies=(),
    )


def _fixes(fixes: tuple[Fix, ...], ways: Mapping[str, Way]) -> Iterator[Fix]:
    """The fixes whose places are still the same."""
    for fix in fixes:
        try:
            edits = tuple(Edit(_location(e.location, ways), e.text) for e in fix.edits)
        except GoneError:
            continue
        yield replace(fix, edits=edits)


def _location(location: Location, ways: Mapping[str, Way]) -> Location:
    way = ways.get(location.file)
    if way is None:
        return location
    place = way.range(location.start, location.end)
    if place is None:
        raise GoneError
    return Location(location.file, *place)


def _renumbered(match: re.Match[str], ways: Mapping[str, Way]) -> str:
    way = ways.get(match["file"])
    line = way.line(int(match["line"]) - 1) if way is not None else None
    return f"{match[1]}{line + 1}" if line is not None else match[0]
