"""The fixes offered for files of the corpus, and their text as in ``tests/corpus/fixes``."""

from __future__ import annotations

import asyncio
import difflib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.engine.fixing import Budget, FixAllFound, FixFound, with_fixes
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
from tests.corpus_annotations import CORPUS, LINE_END, read, reported
from tests.internal_terms import shown_texts

PAGES = CORPUS / "fixes"

# Seconds for each target of a check, and for all trials of a file.
TIMEOUT = 60.0
SECONDS = 120.0
CANDIDATES = 6
PARALLEL = 2


@dataclass
class FileFixes:
    """The findings of a file, and the fixes offered for it, the best first.

    `shown` has the texts about what exports well.
    """

    path: Path
    findings: list[Finding] = field(default_factory=list)
    offers: list[FixFound] = field(default_factory=list)
    whole: Fix | None = None
    shown: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[tuple[Problem, tuple[Fix, ...]]]:
        """The problems of the file, each with its fixes."""
        offered = [(offer.finding, (offer,)) for offer in self.offers]
        return [
            (problem, tuple(offer.fix for offer in ranked_offers(problem, offered)))
            for problem in merge(self.findings, modes=MODES, severities={})
        ]


@dataclass(frozen=True)
class KnownUnfixed:
    """A failure that the corpus lists as having no fix.

    `start` is how the underlined text begins; `possible` is true if a fix may exist.
    """

    file: str
    start: str
    possible: bool

    def fits(self, file: Path, text: str) -> bool:
        return str(file.relative_to(CORPUS)) == self.file and text.startswith(self.start)


def known_unfixed() -> list[KnownUnfixed]:
    """Return the data-dependent failures that ``without.txt`` lists."""
    found = []
    for line in read(PAGES / "without.txt").splitlines():
        if line and not line.startswith("#"):
            kind, _, rest = line.partition(" ")
            file, _, text = rest.partition(": ")[0].partition(" ")
            found.append(KnownUnfixed(file, text.partition("…")[0], kind == "open"))
    return found


def problems_with_text(file: FileFixes) -> Iterator[tuple[Problem, tuple[Fix, ...], str]]:
    """Yield the problems of a file with their fixes and the underlined text on one line."""
    for problem, fixes in file.problems:
        [item] = reported(problem.findings[:1], Path(problem.location.file))
        yield problem, fixes, item.text


def data_dependent(files: Iterable[FileFixes]) -> tuple[int, int, list[str]]:
    """Count the data-dependent failures that are offered a proved fix.

    Returns:
        How many are offered one, how many have one (offered or possible), and the failures
        without an offer that ``without.txt`` does not list.
    """
    known = known_unfixed()
    offered, possible, unknown = 0, 0, []
    for file in files:
        for problem, fixes, text in problems_with_text(file):
            if not problem.rule.startswith("data-dependent"):
                continue
            if any(fix.proof != "unverified" for fix in fixes):
                offered += 1
                continue
            listed = [each for each in known if each.fits(file.path, text)]
            possible += any(each.possible for each in listed)
            if not listed:
                unknown.append(f"{file.path.relative_to(CORPUS)} {text}")
    return offered, offered + possible, unknown


def find_fixes(files: Iterable[Path]) -> dict[Path, FileFixes]:
    """Check files and try fixes for their failures, two files at a time."""
    return asyncio.run(_find_fixes(files))


async def _find_fixes(files: Iterable[Path]) -> dict[Path, FileFixes]:
    host = open_host(Path(sys.executable), standby=False, log=lambda level, text: None)
    assert isinstance(await host.ready(), Ready)
    slots = asyncio.Semaphore(PARALLEL)

    async def one(file: Path) -> tuple[Path, FileFixes]:
        async with slots:
            return file, await _find_fixes_of(host, file)

    try:
        return dict(await asyncio.gather(*map(one, files)))
    finally:
        await host.close()


async def _find_fixes_of(host: WorkerHost, file: Path) -> FileFixes:
    found = FileFixes(file)
    check = Check(next(run_numbers), str(file.parent), str(file), stages=STAGES)
    budget = Budget(CANDIDATES, SECONDS)
    async for event in with_fixes(
        lambda check: check_events(host, check, timeout=TIMEOUT), check, budget
    ):
        found.shown += shown_texts(event)
        if isinstance(event, Found):
            found.findings.append(event.finding)
        elif isinstance(event, FixFound):
            found.offers.append(event)
        elif isinstance(event, FixAllFound):
            found.whole = event.fix
    return found


def fixed_texts(fix: Fix) -> dict[Path, str]:
    """Return the new text of every file that a fix changes."""
    files = {edit.location.file for edit in fix.edits}
    sources = {name: Source.of(name, Path(name).read_bytes()) for name in files}
    return {Path(name): text for name, text in edited_texts(sources, fix.edits).items()}


def page(files: Sequence[FileFixes]) -> str:
    """Return the page of ``tests/corpus/fixes`` for the files of one folder."""
    return "\n".join(line for file in files for line in _file_lines(file)) + "\n"


def _file_lines(file: FileFixes) -> Iterator[str]:
    yield file.path.name
    # Either of two problems at one place may be the one that a fix is found for.
    found = sorted(
        problems_with_text(file),
        key=lambda each: (each[0].location.start, each[0].location.end, each[0].rule, not each[1]),
    )
    for problem, fixes, text in found:
        yield f"  {problem.location.start.line + 1} {problem.rule} `{text}`"
        if not fixes:
            yield "    no fix"
        for fix in fixes:
            yield f"    {fix.title}"
        if fixes:
            yield from (f"      {line}" for line in _changed_lines(fixes[0]))


def _changed_lines(fix: Fix) -> Iterator[str]:
    for name, text in fixed_texts(fix).items():
        before, after = LINE_END.split(read(name)), LINE_END.split(text)
        for line in difflib.unified_diff(before, after, lineterm="", n=0):
            if not line.startswith(("---", "+++", "@@")):
                yield f"{line[0]} {line[1:]}".split("  #~")[0].rstrip()
