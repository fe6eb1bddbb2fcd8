"""Which fixes the files of the corpus are offered: asking for them, and putting them as the pages
in ``tests/corpus/fixes`` do."""

from __future__ import annotations

import asyncio
import difflib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.engine.fixing import Budget, Offered, OfferedWhole, with_fixes
from export_lsp.engine.hosts import WorkerHost, open_host
from export_lsp.engine.runs import check_events, run_numbers
from export_lsp.findings import Problem, merge
from export_lsp.fixes.edits import edited_texts
from export_lsp.fixes.proof import Fix
from export_lsp.fixes.ranking import ranked_offers
from export_lsp.protocol import (
    MODES,
    Check,
    Finding,
    Found,
    Ready,
)
from export_lsp.source import Source
from export_lsp.stages import STAGES
from tests.annotated import CORPUS, LINE_END, got, read

PAGES = CORPUS / "fixes"

# Seconds for a check, and for the fixes of a file.
TIMEOUT = 60.0
SECONDS = 120.0
CANDIDATES = 6
PARALLEL = 2


@dataclass
class Mended:
    """A file with what was offered for it, the best first."""

    file: Path
    findings: list[Finding] = field(default_factory=list)
    offers: list[Offered] = field(default_factory=list)
    whole: Fix | None = None

    @property
    def problems(self) -> list[tuple[Problem, tuple[Fix, ...]]]:
        """Each problem of the file, and its fixes."""
        offered = [(offer.finding, (offer,)) for offer in self.offers]
        return [
            (problem, tuple(offer.fix for offer in ranked_offers(problem, offered)))
            for problem in merge(self.findings, modes=MODES, severities={})
        ]


@dataclass(frozen=True)
class Without:
    """A failure without a fix: `possible` says that one may exist; `start` begins its text."""

    file: str
    start: str
    possible: bool

    def fits(self, file: Path, text: str) -> bool:
        return str(file.relative_to(CORPUS)) == self.file and text.startswith(self.start)


def without() -> list[Without]:
    """What the corpus says of data-dependent failures that are offered nothing."""
    found = []
    for line in read(PAGES / "without.txt").splitlines():
        if line and not line.startswith("#"):
            kind, _, rest = line.partition(" ")
            file, _, text = rest.partition(": ")[0].partition(" ")
            found.append(Without(file, text.partition("…")[0], kind == "open"))
    return found


def told_of(told: Mended) -> Iterator[tuple[Problem, tuple[Fix, ...], str]]:
    """The problems of a file, their fixes, and the source they are about, on one line."""
    for problem, fixes in told.problems:
        [item] = got(problem.findings[:1], Path(problem.location.file))
        yield problem, fixes, item.text


def data_dependent(files: Iterable[Mended]) -> tuple[int, int, list[str]]:
    """Of the data-dependent failures that have a fix: how many are offered one, how many there are;
    and those that are offered none and of which the corpus does not say whether there is one."""
    known = without()
    offered, possible, unknown = 0, 0, []
    for told in files:
        for problem, fixes, text in told_of(told):
            if not problem.rule.startswith("data-dependent"):
                continue
            if any(fix.proof != "unverified" for fix in fixes):
                offered += 1
                continue
            said = [each for each in known if each.fits(told.file, text)]
            possible += any(each.possible for each in said)
            if not said:
                unknown.append(f"{told.file.relative_to(CORPUS)} {text}")
    return offered, offered + possible, unknown


def mended(files: Iterable[Path]) -> dict[Path, Mended]:
    """What is offered for files, two at a time."""
    return asyncio.run(_mended(files))


async def _mended(files: Iterable[Path]) -> dict[Path, Mended]:
    host = open_host(Path(sys.executable), standby=False, log=lambda level, text: None)
    assert isinstance(await host.ready(), Ready)
    slots = asyncio.Semaphore(PARALLEL)

    async def one(file: Path) -> tuple[Path, Mended]:
        async with slots:
            return file, await _of_file(host, file)

    try:
        return dict(await asyncio.gather(*map(one, files)))
    finally:
        await host.close()


async def _of_file(host: WorkerHost, file: Path) -> Mended:
    told = Mended(file)
    check = Check(next(run_numbers), str(file.parent), str(file), stages=STAGES)
    budget = Budget(CANDIDATES, SECONDS)
    async for event in with_fixes(
        lambda check: check_events(host, check, timeout=TIMEOUT), check, budget
    ):
        if isinstance(event, Found):
            told.findings.append(event.finding)
        elif isinstance(event, Offered):
            told.offers.append(event)
        elif isinstance(event, OfferedWhole):
            told.whole = event.fix
    return told


def fixed(file: Path, fix: Fix) -> dict[Path, str]:
    """The texts of the files that a fix changes."""
    files = {edit.location.file for edit in fix.edits}
    sources = {name: Source.of(name, Path(name).read_bytes()) for name in files}
    return {Path(name): text for name, text in edited_texts(sources, fix.edits).items()}


def page(files: Sequence[Mended]) -> str:
    """What is offered for the files of one folder."""
    return "\n".join(line for told in files for line in _file(told)) + "\n"


def _file(told: Mended) -> Iterator[str]:
    yield told.file.name
    for problem, fixes, text in told_of(told):
        yield f"  {problem.location.start.line + 1} {problem.rule} `{text}`"
        if not fixes:
            yield "    no fix"
        for fix in fixes:
            yield f"    {fix.title}"
        if fixes:
            yield from (f"      {line}" for line in _changed(told.file, fixes[0]))


def _changed(file: Path, fix: Fix) -> Iterator[str]:
    for name, text in fixed(file, fix).items():
        before, after = LINE_END.split(read(name)), LINE_END.split(text)
        for line in difflib.unified_diff(before, after, lineterm="", n=0):
            if not line.startswith(("---", "+++", "@@")):
                yield f"{line[0]} {line[1:]}".split("  #~")[0].rstrip()
