"""The verdicts on the files of a session, at their current places."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from export_lsp.engine.results.checked_facts import facts_of, outcomes_of
from export_lsp.engine.results.kinds import FINDING
from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.owner_result import OwnerResult
from export_lsp.export_calls import EXPORT_WORD
from export_lsp.protocol import Location
from export_lsp.server.editor.documents import Document, Documents
from export_lsp.server.folder import Folder, innermost
from export_lsp.source import encoded
from export_lsp.verdicts import files as reasons
from export_lsp.verdicts.files import (
    FileFacts,
    cancelled,
    checking,
    elsewhere,
    file_verdict,
    not_checked,
    unable,
)
from export_lsp.verdicts.targets import severe, target_verdict
from export_lsp.verdicts.verdict import State, Verdict

# The worst verdict first, among those on several files that use one.
_ORDER: tuple[State, ...] = (
    "fails", "unknown", "warns", "ignored", "checking", "exports", "unchecked", "unable",
)  # fmt: skip


@dataclass(frozen=True)
class TargetVerdict:
    """The verdict on a target; `location` is its declaration, None if that was edited away."""

    name: str
    verdict: Verdict
    location: Location | None


@dataclass(frozen=True)
class FileVerdict:
    """The verdict on a file, and on each of its targets; `location` is where to look first."""

    file: Path
    verdict: Verdict
    targets: tuple[TargetVerdict, ...] = ()
    location: Location | None = None


class FileVerdicts:
    """Makes the verdicts.  It is all in memory: nothing here waits, or starts a check."""

    def __init__(self, documents: Documents, folders: Mapping[Path, Folder]) -> None:
        self._documents = documents
        self._folders = folders

    def files(self) -> set[Path]:
        """Return the open files and those that have a result: others have no verdict."""
        results = (each.results for each in self._folders.values())
        owners = (owner for each in results for owner, result in each.items() if result.ended)
        return {*owners, *(each.path for each in self._documents)}

    def judged_by(self, file: Path) -> set[Path]:
        """Return the files whose verdicts the text of a file may change.

        Those are the file itself, the owners that have read it, and open files that these use.
        """
        found = {file, *(each.path for each in self._documents)}
        for folder in self._folders.values():
            found.update(folder.results.owners_resting_on(file))
        return found

    def known(self) -> Iterator[FileVerdict]:
        """Iterate over the verdicts on these files, by path."""
        for file in sorted(self.files()):
            if (found := self.of(file)) is not None:
                yield found

    def of(self, file: Path) -> FileVerdict | None:
        """Return the verdict on a file, None if there is nothing to say about it."""
        home = innermost(file, self._folders)
        folder = self._folders[home] if home is not None else None
        if folder is None or not folder.configured:
            return None
        result = folder.results.get(file)
        if not folder.selection.includes(file):
            if self._is_worth_checking(file) and folder.selection.is_excluded(file):
                return FileVerdict(file, not_checked(reasons.EXCLUDED))
            return None
        if not folder.trust.granted:
            return FileVerdict(file, not_checked(reasons.UNTRUSTED))
        if folder.checker.unusable is not None:
            reason = folder.checker.unusable_reason
            return FileVerdict(file, unable(reason, folder.checker.unusable))
        if folder.is_checking(file):
            return self._without_result(file, result, checking())
        if result is None or not (result.ended or result.interrupted):
            manual = folder.checker.settings.run == "manual"
            return FileVerdict(file, not_checked(reasons.MANUAL)) if manual else None
        if result.interrupted:
            return self._without_result(file, result, cancelled())
        return self._of_result(file, folder, result)

    def _of_result(self, file: Path, folder: Folder, result: OwnerResult) -> FileVerdict:
        facts = facts_of(
            file,
            folder.results,
            folder.checker.settings,
            unchecked=self._reason_without_target(result),
            outdated=self._is_outdated(result),
        )
        has_own = bool(facts.targets or severe(facts.problems))
        if not has_own and (used := self._by_users_of(file, folder)) is not None:
            return used
        places = self._places(result)
        targets = tuple(
            TargetVerdict(each.name, target_verdict(each), places.get(each.name))
            for each in facts.targets
        )
        return FileVerdict(file, file_verdict(facts), targets, _first_place(facts, targets))

    def _without_result(
        self, file: Path, result: OwnerResult | None, verdict: Verdict
    ) -> FileVerdict:
        """The verdict on a check that has no result; the targets of the last keep their places."""
        places = self._places(result) if result is not None else {}
        targets = tuple(TargetVerdict(name, verdict, place) for name, place in places.items())
        return FileVerdict(file, verdict, targets)

    def _places(self, result: OwnerResult) -> dict[str, Location | None]:
        """The declaration of each target in the current text, None if it was edited away."""
        remappings = LineRemappings(self._open_lines)
        now = {name: each.now(remappings) for name, each in outcomes_of(result).items()}
        return {name: each.value.location if each else None for name, each in now.items()}

    def _by_users_of(self, file: Path, folder: Folder) -> FileVerdict | None:
        """The verdict on the worst of the other files whose targets use a file."""
        users = [
            found
            for owner in folder.results.owners_resting_on(file)
            if str(file) in folder.results[owner].loaded
            and folder.results[owner].targets
            and (found := self.of(owner)) is not None
        ]
        if not users:
            return None
        worst = min(users, key=lambda each: _ORDER.index(each.verdict.state))
        name = worst.file.relative_to(folder.path).as_posix()
        return FileVerdict(file, elsewhere(name, worst.verdict, len(users) - 1))

    @staticmethod
    def _reason_without_target(result: OwnerResult) -> str:
        """The reason for checking no target of an owner: its hint is at a model or an export."""
        hints = [each for each in result.of(FINDING) if each.value.rule == "no-target"]
        if not hints:
            return reasons.NO_TARGET
        texts = (lines for each in hints for lines in each.anchored.texts.values())
        exports = any(EXPORT_WORD.search("".join(lines)) for lines in texts)
        return reasons.SCRIPT if exports else reasons.NO_INPUTS

    # --- edits -------------------------------------------------------------------------------

    def _is_outdated(self, result: OwnerResult) -> bool:
        """Return whether a file that was read has another text now, as far as it is open."""
        return result.outdated or any(
            not _has_digest(document, digest)
            for document in self._documents
            if (digest := result.loaded.get(str(document.path))) is not None
        )

    def _open_lines(self, file: str) -> list[str] | None:
        document = self._documents.get(Path(file))
        return document.lines if document is not None else None

    def _is_worth_checking(self, file: Path) -> bool:
        lines = self._open_lines(str(file))
        return lines is not None and any("torch" in line for line in lines)


def _first_place(facts: FileFacts, targets: tuple[TargetVerdict, ...]) -> Location | None:
    """The first error or warning, else the first target, else any problem."""
    problems = [*facts.problems, *(each for target in facts.targets for each in target.problems)]
    places = [
        *(each.location for each in severe(problems)),
        *(each.location for each in targets if each.location is not None),
        *(each.location for each in problems),
    ]
    return next(iter(places), None)


def _has_digest(document: Document, digest: str) -> bool:
    try:
        data = encoded("".join(document.lines))
    except (SyntaxError, UnicodeError):
        return False
    return digest in [hashlib.sha256(mark + data).hexdigest() for mark in (b"", BOM_UTF8)]
