"""The beginning of a check: the process made ready, the file imported, models made as asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

import torch

from export_lsp.protocol import Check, Finding
from export_lsp.source import Source
from export_lsp.worker.check.reporter import Reporter
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution import device, seeds
from export_lsp.worker.private import dynamo, fake_build
from export_lsp.worker.stages import build, load, no_target
from export_lsp.worker.system import limits
from export_lsp.worker.targets import declares_any, discover
from export_lsp.worker.targets.script import Script
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.user_code import data_files
from export_lsp.worker.user_code.imports import ImportTracker
from export_lsp.worker.user_code.packages import project_roots
from export_lsp.worker.user_code.workspace import Workspace, install_import_hook

Explain = Callable[[BaseException, str, Workspace], Finding]


@dataclass
class CheckedFile:
    """A check's process once its file is imported, or was run as a `script`; `built` are targets
    that are made already."""

    workspace: Workspace
    imports: ImportTracker
    targets: list[Target] = field(default_factory=list)
    built: dict[str, Built] = field(default_factory=dict)
    script: bool = False

    def build(self, target: Target, check: Check) -> Built:
        """
        Raises:
            build.BuildFailedError: from what the user's code raised.
        """
        if target.name in self.built:
            return self.built.pop(target.name)
        with data_files.record_reads(self.workspace):
            return build.build(target, check)


def track_file(check: Check) -> CheckedFile:
    """Watch what is imported from here on: it is the user's file and what that needs."""
    workspace = Workspace(check.folder, texts=check.texts)
    install_import_hook(workspace)
    return CheckedFile(workspace, ImportTracker(workspace))


def selected_targets(targets: list[Target], check: Check) -> list[Target]:
    """The targets that are to be checked."""
    return [
        target
        for target in targets
        if target.name not in check.skip and (not check.only or target.name in check.only)
    ]


def prepare_process(check: Check) -> None:
    """Make this process look like the one that runs the user's script."""
    os.chdir(check.folder)
    os.environ.update(check.environment)
    sys.argv = [check.file]
    sys.path[:0] = [*check.extra_paths, *project_roots(check.file, check.folder)]
    sys.modules["__main__"] = _script(check.file)
    # A fork's thread pool is made anew by whoever asks first; two of autograd's threads asking at
    # once abort the process (seen in torch 2.13, CUDA build).
    torch.set_num_threads(1)
    limits.limit_memory(check.memory_limit)
    limits.limit_cpu(check.cpu_limit)
    limits.forbid_core_dumps()
    dynamo.keep_tracebacks()
    device.choose(check.device, check.gpu_memory_fraction)


def _script(file: str) -> ModuleType:
    """The module that is run, as libraries look for it; ours is not to be found there."""
    module = ModuleType("__main__")
    module.__file__ = file
    return module


def load_targets(check: Check, checked: CheckedFile, reporter: Reporter) -> None:
    """Find the targets of the file; none, with a finding, where it declares none or does not
    import.

    A file that declares no target is not run unasked: it may be a training script.
    """
    workspace = checked.workspace
    try:
        source = workspace.read(check.file)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        reporter.finding(load.explain(error, check.file, workspace))
        return
    if source.tree is None or check.targets or declares_any(source):
        _import(check, source, checked, reporter)
    elif (script := Script.find(source, check.export)) is not None:
        _run(check, script, checked, reporter)
    else:
        reporter.files(workspace.digests)  # what may help is an edit of what was read
        for hint in no_target.explain(source):
            reporter.finding(hint)


def _import(check: Check, source: Source, checked: CheckedFile, reporter: Reporter) -> None:
    reporter.stage("", "load")
    explain: Explain = load.explain
    seeds.seed_all(seeds.FILE)
    try:
        with device.build_context(check.build), data_files.record_reads(checked.workspace):
            module = load.import_file(check.file)
            explain = load.explain_declaration
            checked.targets = discover(module, source, check.targets)
    except USER_ERRORS as error:
        if not request_real_build(error, check, reporter):
            reporter.finding(explain(error, check.file, checked.workspace))


def _run(check: Check, script: Script, checked: CheckedFile, reporter: Reporter) -> None:
    """Run the file up to its export: with real parameters, which it may write somewhere."""
    reporter.stage("", "load")
    seeds.seed_all(seeds.FILE)
    checked.script = True
    try:
        with (
            device.build_context("real"),
            data_files.record_reads(checked.workspace),
            script.ended_by_call(checked.workspace),
        ):
            load.run_file(check.file)
    except USER_ERRORS as error:
        # What comes after the export, where the script was not ended, says nothing of it.
        if script.target is None and not load.is_end(error):
            told = load.explain(error, check.file, checked.workspace, script=True)
            reporter.finding(told)
            return
    if script.target is not None:
        checked.targets = [script.target]
    for call in script.unreached_calls:
        reporter.finding(no_target.not_called(script, call))


def request_real_build(error: BaseException, check: Check, reporter: Reporter) -> bool:
    """Whether the failure may be our fake parameters' fault; if so the check is run again."""
    if not has_fake_parameters(check):
        return False
    reporter.needs_real(error)
    return True


def has_fake_parameters(check: Check) -> bool:
    return check.build != "real" and fake_build.any_fake_made()
