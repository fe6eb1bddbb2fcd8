"""From problems to what the editor shows: diagnostics of one file, pushed when they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lsprotocol import types

from export_lsp.engine.files import disk
from export_lsp.engine.results.anchored import Lines
from export_lsp.engine.results.kinds import FINDING
from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.owner_result import Offer, OwnerResult, Reported
from export_lsp.engine.results.store import Results
from export_lsp.findings import Problem, merge
from export_lsp.plain import uncommanding
from export_lsp.protocol import Finding, Location
from export_lsp.server.client import Client, Supports
from export_lsp.server.documents import Documents
from export_lsp.server.encodings import Encoding, to_client
from export_lsp.settings import Settings

SOURCE = "export-lsp"
# torch's full text of one problem may be long; more than this many characters help nobody.
DETAIL_LIMIT = 20_000
# Sending that takes longer than QUICK, in seconds, is followed by a pause so many times as long:
# a check may find thousands of problems, one after the other.
QUICK = 0.01
PAUSE = 4

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


def problems_in(
    file: str, results: Sequence[Results], documents: Documents, settings: Settings
) -> list[Problem]:
    """The problems in one file that are in some folders' results, at their places in the text as it
    is now.

    A finding is shown while the file it is in or the file whose check found it is open, or if the
    user has asked for that check.
    """
    found = [finding for finding, _ in findings_in(file, results, documents)]
    if not found:
        return []
    return merge(
        found,
        modes=settings.modes,
        severities=settings.severities,
        target_modes={
            f"{folder}{target}": modes
            for folder, each in _by_folder(file, results)
            for target, modes in each.target_modes().items()
        },
    )


def findings_in(
    file: str, results: Sequence[Results], documents: Documents
) -> Iterator[tuple[Finding, Sequence[Offer]]]:
    """The findings that make the problems in a file, where they are now, and what is offered for
    each."""
    remappings = LineRemappings(lambda name: _open_lines(documents, name))
    here = documents.get(Path(file)) is not None
    for folder, each in _by_folder(file, results):
        for owner, result in each.items():
            if not here and documents.get(owner) is None and not result.asked_for:
                continue
            for reported in result.of(FINDING):
                if reported.value.location.file != file or _covered(reported, owner, each):
                    continue
                now = reported.anchored.now(remappings)
                if now is not None:
                    target = f"{folder}{now.value.target}" if now.value.target else ""
                    yield replace(now.value, target=target), reported.offers


def _by_folder(file: str, results: Sequence[Results]) -> list[tuple[str, Results]]:
    """The results with findings in a file, and how their targets' names begin: with the folder's
    name if there are several, which may have files of one name."""
    found = [each for each in results if file in each.files()]
    return [(f"{each.folder.name}/" if len(found) > 1 else "", each) for each in found]


def _covered(reported: Reported[Finding], owner: Path, results: Results) -> bool:
    """Whether this is the hint that a file lacks a target though another file's target uses it."""
    if reported.value.rule != "no-target":
        return False

    def has_target(result: OwnerResult) -> bool:
        return bool(result.targets) and str(owner) in result.loaded

    return any(has_target(result) for other, result in results.items() if other != owner)


def _open_lines(documents: Documents, file: str) -> Lines | None:
    """The lines of an open document; a closed file is as it was checked, or is checked again."""
    document = documents.get(Path(file))
    return document.lines if document is not None else None


def to_diagnostic(
    problem: Problem,
    *,
    lines: Callable[[str], Lines],
    uri: Callable[[str], str],
    encoding: Encoding,
    supports: Supports,
) -> types.Diagnostic:
    """A problem as LSP has it; what the client cannot use is left out."""

    def range_of(place: Location) -> types.Range:
        text = lines(place.file)
        return types.Range(
            to_client(text, place.start, encoding), to_client(text, place.end, encoding)
        )

    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri(item.location.file), range_of(item.location)),
            uncommanding(item.message),
        )
        for item in problem.related
        if supports.related
    ]
    link = supports.code_description and problem.url
    return types.Diagnostic(
        range=range_of(problem.location),
        message=uncommanding(problem.message),
        severity=_SEVERITIES[problem.severity],
        code=problem.rule,
        code_description=types.CodeDescription(problem.url) if link else None,
        source=SOURCE,
        related_information=related or None,
        data=_data(problem) if supports.data else None,
    )


def _data(problem: Problem) -> dict[str, Any]:
    return {
        **{key: uncommanding(text) for key, text in problem.data.items()},
        "stage": problem.stage,
        "modes": list(problem.modes),
        "targets": list(problem.targets),
        "detail": uncommanding(problem.detail)[:DETAIL_LIMIT],
    }


def current_lines(documents: Documents, file: str) -> Lines:
    """A file's lines as the client has them."""
    document = documents.get(Path(file))
    return document.lines if document is not None else disk.lines(file) or [""]


class Publisher:
    """Pushes the diagnostics of files whose results may have changed, once a turn of the loop.

    `diagnostics` computes those of a file.  A file whose diagnostics and version are those last
    sent is left alone.  All of a file's are sent each time, so the more there are the longer what
    has changed meanwhile waits, unless it is to `hurry`.
    """

    def __init__(
        self,
        client: Client,
        documents: Documents,
        diagnostics: Callable[[str], Sequence[types.Diagnostic]],
    ) -> None:
        self._client = client
        self._documents = documents
        self._diagnostics = diagnostics
        self._sent: dict[str, tuple[list[types.Diagnostic], int | None]] = {}
        self._changed: set[str] = set()
        self._not_before = 0.0

    def changed(self, files: Iterable[str]) -> None:
        """The results in these files may have changed."""
        due = bool(self._changed)
        self._changed.update(files)
        if self._changed and not due:
            loop = asyncio.get_running_loop()
            if loop.time() < self._not_before:
                loop.call_at(self._not_before, self._flush)
            else:
                loop.call_soon(self._flush)

    def hurry(self) -> None:
        """Let nothing wait that has changed: a check is over."""
        if self._changed:
            asyncio.get_running_loop().call_soon(self._flush)

    def all_changed(self) -> None:
        """The results of any file may have changed, or whether they are to be shown."""
        self.changed({*self._sent, *(str(document.path) for document in self._documents)})

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._send()
        took = loop.time() - started
        self._not_before = loop.time() + PAUSE * took if took > QUICK else 0.0

    def _send(self) -> None:
        files, self._changed = sorted(self._changed), set()
        for file in files:
            document = self._documents.get(Path(file))
            version = document.version if document is not None else None
            new = list(self._diagnostics(file))
            old, sent_version = self._sent.get(file, ([], None))
            if new == old and (version == sent_version or not new):
                continue
            self._client.publish(self._documents.uri_of(file), new, version)
            if new:
                self._sent[file] = new, version
            else:
                del self._sent[file]
