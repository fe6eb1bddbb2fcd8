"""The file under check: import or run it, find its targets, and build them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from export_lsp.protocol import Check, Finding
from export_lsp.source import Source
from export_lsp.worker.check import preloading
from export_lsp.worker.check.rebuild import as_reported, request_rebuild
from export_lsp.worker.check.reporter import Reporter
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution import device, seeds
from export_lsp.worker.stages import build, load, no_target
from export_lsp.worker.targets import declares_any, discover
from export_lsp.worker.targets.script import Script
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.user_code import observing
from export_lsp.worker.user_code.import_hook import install_import_hook
from export_lsp.worker.user_code.imports import ImportTracker
from export_lsp.worker.user_code.workspace import Workspace

Explain = Callable[[BaseException, str, Workspace], Finding]


@dataclass
class CheckedFile:
    """The file of a check in the process that checks it.

    `targets` is empty until `load_targets` has run.  `built` holds targets that a snapshot has
    built already, by name.  `script` is true if the file was run up to an export call instead of
    imported.
    """

    workspace: Workspace
    imports: ImportTracker
    targets: list[Target] = field(default_factory=list)
    built: dict[str, Built] = field(default_factory=dict)
    script: bool = False

    def build(self, target: Target, check: Check) -> Built:
        """Return the model and the inputs of a target, built now unless a snapshot has them.

        A target from a snapshot is returned once; the next call builds it again.

        Raises:
            build.BuildFailedError: if the user's code raises; the cause is what it raised.
        """
        if target.name in self.built:
            return self.built.pop(target.name)
        return build.build(target, check)


def track_file(check: Check) -> CheckedFile:
    """Start to track what this process imports, and return the file, not loaded yet.

    Call it once in a process, before any of the user's code is imported.
    """
    workspace = Workspace(check.folder, texts=check.texts, observer=observing.observer())
    install_import_hook(workspace)
    return CheckedFile(workspace, ImportTracker(workspace))


def selected_targets(targets: list[Target], check: Check) -> list[Target]:
    """Return the targets that the check asks for, in the order given."""
    return [
        target
        for target in targets
        if target.name not in check.skip and (not check.only or target.name in check.only)
    ]


def load_targets(check: Check, checked: CheckedFile, reporter: Reporter) -> None:
    """Import the file, or run it up to an export call, and set `checked.targets`.

    A file that declares no target and has no requested export call is not executed: it may be a
    training script.  Failures of the user's code and the absence of targets are reported as
    findings; nothing is raised for them.
    """
    workspace = checked.workspace
    try:
        source = workspace.read(check.file)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        reporter.finding(load.explain(error, check.file, workspace))
        return
    declares = source.tree is None or bool(check.targets) or declares_any(source)
    script = None if declares else Script.find(source, check.export)
    unnameable = load.explain_path(check.file) if declares or script is not None else None
    if unnameable is not None:
        reporter.finding(unnameable)
    elif declares:
        _import_file(check, source, checked, reporter)
    elif script is not None:
        _run_script(check, script, checked, reporter)
    else:
        reporter.files(workspace)  # a remedy of the hint edits a file that was read
        for hint in no_target.explain(source):
            reporter.finding(hint)


def _seed() -> None:
    """Seed the generators, unless that was done before libraries were imported ahead."""
    if not preloading.is_preloaded():
        seeds.seed_all(seeds.FILE)


def _import_file(check: Check, source: Source, checked: CheckedFile, reporter: Reporter) -> None:
    reporter.stage("", "load")
    explain: Explain = load.explain
    _seed()
    try:
        with device.build_context(check.build):
            module = load.import_file(check.file)
            explain = load.explain_declaration
            checked.targets = discover(module, source, check.targets)
    except USER_ERRORS as error:
        if not request_rebuild(error, check, reporter):
            finding = explain(error, check.file, checked.workspace)
            reporter.finding(as_reported(finding, check, checked.workspace))


def _run_script(check: Check, script: Script, checked: CheckedFile, reporter: Reporter) -> None:
    """Run the file up to its export, with real parameters: the script may save them."""
    reporter.stage("", "load")
    reporter.script()
    _seed()
    checked.script = True
    try:
        with device.build_context("real"), script.ended_by_call(checked.workspace):
            load.run_file(check.file)
    except USER_ERRORS as error:
        # If the script went on after its export, an error from there is not the export's.
        if script.target is None and not load.is_success(error):
            reporter.finding(load.explain(error, check.file, checked.workspace, script=True))
            return
    if script.target is not None:
        checked.targets = [script.target]
    for call in script.unreached_calls:
        reporter.finding(no_target.explain_uncalled(script, call))
