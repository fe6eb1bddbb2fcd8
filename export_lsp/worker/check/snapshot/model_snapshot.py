"""A process in which a file is imported and its first model made, to check edits of bodies from.

Forks of it go on where a run is after making the model, with the functions of the edited files
exchanged.  Whatever cannot be shown to give the same is declined, and checked from the start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import CodeType, FunctionType

from export_lsp.protocol import Check, Location, ModuleCall
from export_lsp.source import Source, encoded
from export_lsp.worker.check.reporter import Reporter, discard_event
from export_lsp.worker.check.snapshot import body_diff, swap_code
from export_lsp.worker.check.snapshot.body_diff import NotResumableError
from export_lsp.worker.check.snapshot.files_changed import FilesChangedError
from export_lsp.worker.check.start import (
    CheckedFile,
    load_targets,
    prepare_process,
    selected_targets,
    track_file,
)
from export_lsp.worker.data.target import Places, Target
from export_lsp.worker.stages.build import BuildFailedError


@dataclass(frozen=True)
class ChangedFile:
    """A file's new text, where its places are now, and the code of its functions, old and new.

    `edited` is the new code of those whose bodies differ; that of others has only moved.
    """

    source: Source
    places: Mapping[Location, Location]
    codes: list[tuple[CodeType, CodeType]]
    edited: frozenset[CodeType]


@dataclass
class Snapshot:
    """What was made for a check, and what was executed and printed to make it.

    `calls` are those of submodules in the last trace of each target.
    """

    check: Check
    checked: CheckedFile
    execution: swap_code.ExecutionRecord
    functions: list[FunctionType]
    printed: bytes = b""
    calls: dict[str, tuple[ModuleCall, ...]] = field(default_factory=dict)

    def changes(self, check: Check) -> list[ChangedFile]:
        """What has to be exchanged for another check to have the same beginning.

        Raises:
            NotResumableError: it may have another one.
        """
        if _surroundings(check) != _surroundings(self.check):
            raise NotResumableError("the check has other surroundings")
        first = selected_targets(self.checked.targets, check)[:1]
        if [target.name for target in first] != list(self.checked.built):
            raise NotResumableError("the check begins with another target")
        workspace = self.checked.workspace
        changed: list[ChangedFile] = []
        for path, digest in workspace.digests.items():
            data = _data(path, check)
            if hashlib.sha256(data).hexdigest() == digest:
                continue
            if path in workspace.data_files or path in self.execution.read:
                raise NotResumableError(f"{path} was read, and is another")
            changed.append(self._change(workspace.sources[path], data))
        return changed

    def _change(self, old: Source, data: bytes) -> ChangedFile:
        try:
            new = Source.of(old.path, data)
            compiled = compile(data, old.path, "exec", dont_inherit=True)
            shared = body_diff.diff_bodies(old, new)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise NotResumableError(
                f"{old.path} does not compile, or is nested too deeply"
            ) from error
        codes = self.checked.workspace.codes[old.path]
        pairs = [
            pair
            for code in codes
            for pair in swap_code.code_replacements(code, compiled, shared, self.execution)
        ]
        edited = frozenset(
            other for code, other in pairs if (code.co_name, code.co_firstlineno) in shared.changed
        )
        return ChangedFile(new, shared.places, pairs, edited)

    def resume(self, check: Check, changes: list[ChangedFile]) -> CheckedFile:
        """The beginning of another check; this snapshot is used up by it."""
        checked = self.checked
        checked.workspace.texts = check.texts
        for change in changes:
            swap_code.replace_code(self.functions, change.codes)
            swap_code.drop_cached_lines(change.source.path)
            checked.workspace.sources[change.source.path] = change.source
            checked.targets = [_moved(target, change.places) for target in checked.targets]
        return checked


def _data(path: str, check: Check) -> bytes:
    try:
        if path in check.texts:
            return encoded(check.texts[path])
        with open(path, "rb") as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeError) as error:
        raise NotResumableError(f"{path} cannot be read") from error


def _surroundings(check: Check) -> Check:
    """What decides what is made, apart from the files: all but what is done with it."""
    done = Check(0, check.folder, check.file)
    return replace(
        check,
        run=done.run,
        modes=done.modes,
        stages=done.stages,
        opset=done.opset,
        skip=done.skip,
        texts=done.texts,
        only=done.only,
        rewritten=done.rewritten,
    )


def _moved(target: Target, places: Mapping[Location, Location]) -> Target:
    def now(place: Location) -> Location:
        return places.get(place, place)

    moved = {
        each.name: now(getattr(target.places, each.name))
        for each in fields(Places)
        if getattr(target.places, each.name) is not None
    }
    return replace(target, places=replace(target.places, **moved))


def take_snapshot(check: Check) -> Snapshot | None:
    """Import the file and make its first target; None if there is nothing to go on from.

    Raises:
        FilesChangedError: they cannot be imported and made, as they were by a run a moment ago.
    """
    prepare_process(check)
    checked = track_file(check)
    reporter = Reporter(check, discard_event)
    with swap_code.watch_execution(checked.workspace) as execution:
        load_targets(check, checked, reporter)
        first = selected_targets(checked.targets, check)[:1]
        for target in first:
            try:
                checked.built[target.name] = checked.build(target, check)
            except BuildFailedError as error:
                raise FilesChangedError from error
    if not first:
        raise FilesChangedError
    codes: list[CodeType] = [code for each in checked.workspace.codes.values() for code in each]
    if not execution.complete:
        return None
    try:
        return Snapshot(check, checked, execution, swap_code.functions_with_code(codes))
    except NotResumableError:
        return None
