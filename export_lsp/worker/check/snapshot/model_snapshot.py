"""A process in which a file is imported and its first model is built.

A fork of it resumes the check of an edited file after the build, with the bodies of the edited
functions swapped.  If the result may differ from a check from scratch, it is declined instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import CodeType, FunctionType

from export_lsp.observed import subject_of
from export_lsp.protocol import Check, Location, ModuleCall
from export_lsp.source import Source, encoded
from export_lsp.worker.check import preloading
from export_lsp.worker.check.checked_file import (
    CheckedFile,
    load_targets,
    selected_targets,
    track_file,
)
from export_lsp.worker.check.process_setup import prepare_process
from export_lsp.worker.check.reporter import Reporter, discard_event
from export_lsp.worker.check.snapshot import body_diff, swap_code
from export_lsp.worker.check.snapshot.errors import FilesChangedError, NotResumableError
from export_lsp.worker.check.snapshot.execution_record import ExecutionRecord, watch_execution
from export_lsp.worker.data.target import Places, Target
from export_lsp.worker.stages.build import BuildFailedError


@dataclass(frozen=True)
class ChangedFile:
    """A file of the snapshot whose text has changed.

    `source` is the new text.  `locations` maps the old locations outside of edited bodies to the
    new ones.  `codes` has the pairs of old and new code to swap, and `edited` the new code of those
    functions whose bodies differ; the others have only moved.
    """

    source: Source
    locations: Mapping[Location, Location]
    codes: list[tuple[CodeType, CodeType]]
    edited: frozenset[CodeType]


@dataclass
class Snapshot:
    """The file that was loaded for `check`, with its first target built.

    `execution` is what was executed for that, `functions` the functions of the user's modules, and
    `printed` the output.  `calls` has, for each target, the calls of submodules in its last trace.
    """

    check: Check
    checked: CheckedFile
    execution: ExecutionRecord
    functions: list[FunctionType]
    printed: bytes = b""
    calls: dict[str, tuple[ModuleCall, ...]] = field(default_factory=dict)

    def changes(self, check: Check) -> list[ChangedFile]:
        """Return the files that differ from the snapshot's, with the code to swap.

        Raises:
            NotResumableError: if a check from scratch may load or build something else.
        """
        if _build_settings(check) != _build_settings(self.check):
            raise NotResumableError("the settings of the check differ")
        first = selected_targets(self.checked.targets, check)[:1]
        if [target.name for target in first] != list(self.checked.built):
            raise NotResumableError("the check begins with a different target")
        workspace = self.checked.workspace
        change = workspace.observer.first_change()
        if change is not None:
            raise NotResumableError(f"{subject_of(change)} was read and has changed")
        changed: list[ChangedFile] = []
        for path, digest in workspace.digests.items():
            data = _content(path, check)
            if hashlib.sha256(data).hexdigest() == digest:
                continue
            if path in self.execution.read:
                raise NotResumableError(f"{path} was read and has changed")
            changed.append(self._changed_file(workspace.sources[path], data))
        return changed

    def _changed_file(self, old: Source, data: bytes) -> ChangedFile:
        try:
            new = Source.of(old.path, data)
            compiled = compile(data, old.path, "exec", dont_inherit=True)
            diff = body_diff.diff_bodies(old, new)
        except (SyntaxError, ValueError, RecursionError) as error:
            reason = f"{old.path} does not compile, or is nested too deeply"
            raise NotResumableError(reason) from error
        codes = self.checked.workspace.codes[old.path]
        pairs = [
            pair
            for code in codes
            for pair in swap_code.code_replacements(code, compiled, diff, self.execution)
        ]
        edited = frozenset(
            other for code, other in pairs if (code.co_name, code.co_firstlineno) in diff.changed
        )
        return ChangedFile(new, diff.locations, pairs, edited)

    def resume(self, check: Check, changes: list[ChangedFile]) -> CheckedFile:
        """Turn the snapshot into the loaded file of another check.

        `changes` are those that `changes` has returned for the check.  A snapshot serves one check:
        its functions run the new code from here on.
        """
        checked = self.checked
        checked.workspace.texts = check.texts
        for change in changes:
            swap_code.replace_code(self.functions, change.codes)
            swap_code.drop_cached_lines(change.source.path)
            checked.workspace.sources[change.source.path] = change.source
            checked.targets = [_moved(target, change.locations) for target in checked.targets]
        return checked


def _content(path: str, check: Check) -> bytes:
    try:
        if path in check.texts:
            return encoded(check.texts[path])
        with open(path, "rb") as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeError) as error:
        raise NotResumableError(f"{path} cannot be read") from error


def _build_settings(check: Check) -> Check:
    """Return the check with the defaults for everything that comes after the build."""
    defaults = Check(0, check.folder, check.file)
    return replace(
        check,
        run=defaults.run,
        modes=defaults.modes,
        stages=defaults.stages,
        opset=defaults.opset,
        backends=defaults.backends,
        backends_location=defaults.backends_location,
        skip=defaults.skip,
        texts=defaults.texts,
        only=defaults.only,
        rewritten=defaults.rewritten,
        varied=defaults.varied,
        guard=defaults.guard,
    )


def _moved(target: Target, locations: Mapping[Location, Location]) -> Target:
    moved = {
        each.name: locations.get(location, location)
        for each in fields(Places)
        if (location := getattr(target.places, each.name)) is not None
    }
    return replace(target, places=replace(target.places, **moved))


def take_snapshot(check: Check) -> Snapshot | None:
    """Load the file of a check in this process, and build its first selected target.

    The process cannot carry out a check from scratch afterwards.

    Returns:
        The snapshot; None if no check could resume from one of this file.

    Raises:
        FilesChangedError: if nothing can be built now, although the last run has built a target.
    """
    if preloading.reason_to_decline(check) is not None:
        raise FilesChangedError
    prepare_process(check)
    checked = track_file(check)
    reporter = Reporter(check, discard_event)
    with watch_execution(checked.workspace) as execution:
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
    observer = checked.workspace.observer
    observer.inherited = len(observer.observed)
    if not execution.complete or checked.workspace.unaccounted:
        return None
    try:
        return Snapshot(check, checked, execution, swap_code.functions_with_code(codes))
    except NotResumableError:
        return None
