"""The problems that a file shows: findings at their current places, merged for display."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from export_lsp.engine.files import disk
from export_lsp.engine.results.anchored import Lines
from export_lsp.engine.results.applied import AppliedFixes
from export_lsp.engine.results.kinds import FINDING
from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.owner_result import Offer, OwnerResult, Reported
from export_lsp.engine.results.store import Results
from export_lsp.findings import Problem, merge
from export_lsp.ignores import Ignores, is_complete
from export_lsp.protocol import MODES, Finding
from export_lsp.server.editor.documents import Documents
from export_lsp.settings import Settings

Search = Literal["open", "found", "none"]


@dataclass(frozen=True)
class Source:
    """A finding behind a problem: at its current place, as it was reported, and by whose check."""

    finding: Finding
    reported: Reported[Finding]
    owner: Path

    @property
    def offered(self) -> tuple[Finding, Sequence[Offer]]:
        """The finding, and the fixes offered for it in the text they were proved with."""
        return self.finding, self.reported.offers


@dataclass(frozen=True)
class Shown:
    """A problem of a file, and the findings behind it; none if a comment itself is the problem."""

    problem: Problem
    sources: tuple[Source, ...] = ()

    @property
    def search(self) -> Search:
        """The progress of the search for a fix, as far as the results tell."""
        if any(source.reported.offers for source in self.sources):
            return "found"
        is_open = any(source.reported.no_fix is None for source in self.sources)
        return "open" if is_open else "none"


def problems_in(
    file: str, results: Sequence[Results], documents: Documents, settings: Settings
) -> list[Shown]:
    """Return the problems of a file, at their places in the current text.

    Those whose own text has been edited, or whose fix has been applied, are left out: the next
    check decides.  They are back as soon as the edit is undone.

    Args:
        file: The path of the file.
        results: The results of all workspace folders: any of them may have findings in the file.
        documents: The open documents.  A finding is shown while its file or its owner is open, or
            if the user has asked for the check of its owner.
        settings: They decide the severities, or that a rule is off.
    """
    current = list(_current(file, results, documents))
    sources = [each for each in current if isinstance(each, Source)]
    merged = merge(
        [source.finding for source in sources],
        modes=settings.modes,
        severities=settings.severities,
        target_modes={
            f"{prefix}{target}": modes
            for prefix, each in _with_prefixes(file, results)
            for target, modes in each.target_modes().items()
        },
    )
    applied = applied_fixes(documents)
    fixed = {
        id(source.finding)
        for source in sources
        if any(offer.anchored in applied for offer in source.reported.offers)
    }
    ignores = Ignores(lambda name: current_lines(documents, name))
    # Merging keeps the findings themselves.
    by_finding = {id(source.finding): source for source in sources}
    remaining = [
        Shown(problem, tuple(by_finding[id(finding)] for finding in problem.findings))
        for problem in ignores.remaining(merged)
        if fixed.isdisjoint(map(id, problem.findings))
    ]
    is_edited = bool(fixed) or len(sources) < len(current)
    complete = not is_edited and _is_complete(file, results, settings)
    unused = ignores.unused(file, complete=complete, severities=settings.severities)
    comments = merge(unused, modes=MODES, severities=settings.severities)
    return [*remaining, *(Shown(comment) for comment in comments)]


def _is_complete(file: str, results: Sequence[Results], settings: Settings) -> bool:
    """Return whether the checks that read a file, its own among them, have met all its problems."""
    reading = [
        (owner, result)
        for each in results
        for owner, result in each.items()
        if file in result.loaded
    ]
    return (
        set(settings.modes) == set(MODES)
        and any(str(owner) == file for owner, _ in reading)
        and all(
            result.ended
            and result.targets
            and is_complete(each.value.rule for each in result.of(FINDING))
            for _, result in reading
        )
    )


def _current(
    file: str, results: Sequence[Results], documents: Documents
) -> Iterator[Source | None]:
    """The findings in a file, at their current places.

    None stands for an outdated finding: its own text has been edited.
    """
    remappings = LineRemappings(lambda name: _open_lines(documents, name))
    is_open = documents.get(Path(file)) is not None
    for prefix, each in _with_prefixes(file, results):
        for owner, result in each.items():
            if not is_open and documents.get(owner) is None and not result.asked_for:
                continue
            for reported in result.of(FINDING):
                if reported.value.location.file != file or _is_covered(reported, owner, each):
                    continue
                now = reported.anchored.now(remappings)
                if now is None:
                    yield None
                    continue
                target = f"{prefix}{now.value.target}" if now.value.target else ""
                yield Source(replace(now.value, target=target), reported, owner)


def applied_fixes(documents: Documents) -> AppliedFixes:
    """Return what tells the fixes that are in the open documents."""
    return AppliedFixes(lambda name: _open_lines(documents, name))


def current_lines(documents: Documents, file: str) -> Lines:
    """Return the lines of a file as the client has them."""
    lines = _open_lines(documents, file)
    return lines if lines is not None else disk.lines(file) or [""]


def _open_lines(documents: Documents, file: str) -> Lines | None:
    """The lines of an open document.

    A closed file is taken to be as it was checked: if it changes on disk, it is checked again.
    """
    document = documents.get(Path(file))
    return document.lines if document is not None else None


def _with_prefixes(file: str, results: Sequence[Results]) -> list[tuple[str, Results]]:
    """The results with findings in a file, each with a prefix for the names of its targets.

    If several folders have findings there, their names tell files with equal names apart.
    """
    found = [each for each in results if file in each.files(FINDING)]
    return [(f"{each.folder.name}/" if len(found) > 1 else "", each) for each in found]


def _is_covered(reported: Reported[Finding], owner: Path, results: Results) -> bool:
    """Return whether this is the hint that a file has no target, and a target elsewhere uses it."""
    if reported.value.rule != "no-target":
        return False

    def has_target(result: OwnerResult) -> bool:
        return bool(result.targets) and str(owner) in result.loaded

    return any(has_target(result) for other, result in results.items() if other != owner)
