"""The beginning of a check: the process made ready, the file imported, models made as asked for."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from types import ModuleType

import torch

from export_lsp.protocol import Check
from export_lsp.worker import data_files, device, limits, seeds
from export_lsp.worker.failure import USER_ERRORS
from export_lsp.worker.imports import Imports
from export_lsp.worker.packages import project_roots
from export_lsp.worker.private import dynamo, fake_build
from export_lsp.worker.reporter import Reporter
from export_lsp.worker.stages import build, load, no_target
from export_lsp.worker.targets import Built, Target, declares_any, discover
from export_lsp.worker.targets.calls import Calls
from export_lsp.worker.workspace import Workspace, watch_imports


@dataclass
class Begun:
    """A check's process once its file is imported; `built` are targets that are made already,
    `others` the names of those that other runs have come to, or may."""

    workspace: Workspace
    imports: Imports
    targets: list[Target] = field(default_factory=list)
    built: dict[str, Built] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def build(self, target: Target, check: Check) -> Built:
        """
        Raises:
            build.BuildFailedError: from what the user's code raised.
        """
        if target.name in self.built:
            return self.built.pop(target.name)
        with data_files.noted(self.workspace):
            return build.build(target, check)


def begin(check: Check) -> Begun:
    """Watch what is imported from here on: it is the user's file and what that needs."""
    workspace = Workspace(check.folder, texts=check.texts)
    watch_imports(workspace)
    return Begun(workspace, Imports(workspace))


def wanted(targets: list[Target], check: Check) -> list[Target]:
    """The targets that are to be checked."""
    return [target for target in targets if _is_wanted(target.name, check)]


def _is_wanted(name: str, check: Check) -> bool:
    return name not in check.skip and (not check.only or name in check.only)


def prepare(check: Check) -> None:
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


def load_targets(check: Check, begun: Begun, reporter: Reporter) -> None:
    """Find the targets of the file; none, with a finding, where it declares none or does not
    import.

    A file that declares no target is not run: it may be a training script.
    """
    workspace = begun.workspace
    try:
        source = workspace.read(check.file)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        reporter.finding(load.explain(error, check.file, workspace))
        return
    calls = Calls.of(source) if check.main else Calls(source, [])
    declares = bool(check.targets or calls.calls) or declares_any(source)
    if source.tree is not None and not declares:
        reporter.files(workspace.digests)  # what may help is an edit of what was read
        for hint in no_target.explain(source):
            reporter.finding(hint)
        return
    reporter.stage("", "load")
    exports = [name for name in calls.names if _is_wanted(name, check)]
    explain = load.explain
    seeds.sow(seeds.FILE)
    try:
        with device.making(check.build), data_files.noted(workspace):
            module = _loaded(check.file, calls, exports, workspace)
            explain = load.explain_declaration
            begun.targets = discover(module, source, check.targets)
    except USER_ERRORS as error:
        if not ask_for_real(error, check, reporter):
            reporter.finding(explain(error, check.file, workspace))
        return
    begun.others = [name for name in calls.names if name in check.skip]
    if calls.target is not None:
        begun.targets.append(calls.target)
        come_to = {*calls.passed, calls.target.name}
        begun.others += [name for name in exports if name not in come_to]
    elif not calls.passed:
        for name in exports:
            reporter.finding(no_target.not_called(source, calls.named(name)))


def _loaded(file: str, calls: Calls, exports: list[str], workspace: Workspace) -> ModuleType:
    """The file's module, as far as it gets before the first of these exports."""
    if not exports:
        return load.import_file(file)
    module = load.script(file)
    with calls.met(exports, workspace):
        load.execute(module)
    return module


def ask_for_real(error: BaseException, check: Check, reporter: Reporter) -> bool:
    """Whether the failure may be our fake parameters' fault; if so the check is run again."""
    if not may_be_fake(check):
        return False
    reporter.needs_real(error)
    return True


def may_be_fake(check: Check) -> bool:
    return check.build != "real" and fake_build.any_made()
