"""Hosts within the host, each with the modules that the runs of some files import.

A run tells what it has imported that is not the user's.  A fork of the host then imports it as
well, and the file's next runs are forked from there, so that they pay for the user's own files
only.  What no longer holds is not used: other imports in the user's files, or another environment.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from export_lsp.protocol import KEPT_HOSTS, Check, Command, Imported
from export_lsp.worker import limits
from export_lsp.worker.forked import READY
from export_lsp.worker.imports import statements
from export_lsp.worker.naming import call_this
from export_lsp.worker.once import leave, write, write_all
from export_lsp.worker.packages import module_parts, project_roots
from export_lsp.worker.warm import installed

# So few modules are imported faster than it takes to have them ready.
LEAST = 20

Serve = Callable[[int, int], None]
"""Serves a host on the descriptors of its commands and events."""


@dataclass(frozen=True)
class Recipe:
    """What is imported, and the surroundings that decide where it comes from."""

    paths: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    modules: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, check: Check, modules: Mapping[str, str]) -> Recipe:
        root, _ = module_parts(check.file)
        paths = (root, *check.extra_paths, *project_roots(check.file, check.folder))
        return cls(paths, tuple(check.environment.items()), tuple(modules.items()))

    def fits(self, check: Check) -> bool:
        """Whether a check has these surroundings."""
        other = Recipe.of(check, dict(self.modules))
        return other == self

    def stamps(self) -> list[float | None]:
        """What changes when the environment does: the times of the folders that packages are
        installed into, of modules elsewhere, and whether the user has files of the same names."""
        packages = installed()
        elsewhere = [file for _, file in self.modules if not file.startswith(packages)]
        tops = {name.partition(".")[0] for name, _ in self.modules}
        shadows = [
            os.path.join(path, f"{top}{end}")
            for path in self.paths
            for top in tops
            for end in ("", ".py")
        ]
        return [_time(path) for path in (*packages, *elsewhere, *shadows)]


def _time(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


@dataclass
class Preloaded:
    """The outer host's hold on one within it."""

    pid: int
    commands: int
    events: int
    recipe: Recipe
    stamps: list[float | None]
    ready: bool = False
    runs: dict[int, Check] = field(default_factory=dict)
    line: bytearray = field(default_factory=bytearray)

    def send(self, command: Command) -> None:
        """Hand on a command of the server.

        Raises:
            BrokenPipeError: the process is gone.
        """
        write(self.commands, command)
        if isinstance(command, Check):
            self.runs[command.run] = command

    def end(self) -> None:
        limits.kill_group(self.pid)

    def close(self) -> None:
        for descriptor in (self.commands, self.events):
            os.close(descriptor)


class Preloading:
    """Which hosts within the host there are, and which files' runs they are for."""

    def __init__(self) -> None:
        self.hosts: dict[int, Preloaded] = {}
        self._recipes: dict[str, Recipe] = {}
        self._statements: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._refused: set[Recipe] = set()
        self._wanted: list[Recipe] = []

    def imported(self, check: Check, imported: Imported, host: Preloaded | None) -> None:
        """A run of this check, forked from `host`, has imported modules."""
        self._statements[check.file] = imported.statements
        if len(imported.modules) < LEAST:
            return
        there = dict(host.recipe.modules) if host is not None else {}
        recipe = Recipe.of(check, {**there, **imported.modules})
        self._recipes[check.file] = recipe
        if recipe not in self._refused and self._host(recipe) is None:
            self._wanted = [recipe]

    def host_for(self, check: Check) -> Preloaded | None:
        """The host that has what the runs of this check import, if it still holds."""
        recipe = self._recipes.get(check.file)
        host = self._host(recipe) if recipe is not None else None
        if host is None or recipe is None or not host.ready or not recipe.fits(check):
            return None
        if host.stamps != recipe.stamps():
            host.end()
            return None
        if any(_statements_of(file, check) != said for file, said in self._said(check.file)):
            return None
        self.hosts[host.pid] = self.hosts.pop(host.pid)  # the one used last stands last
        return host

    def host_of(self, run: int) -> Preloaded | None:
        """The host that has this run."""
        return next((host for host in self.hosts.values() if run in host.runs), None)

    def next(self) -> Recipe | None:
        """What is to be made ready now; room is made for it."""
        if not self._wanted:
            return None
        idle = [host for host in self.hosts.values() if not host.runs]
        for host in idle[: max(0, len(self.hosts) + 1 - KEPT_HOSTS)]:
            host.end()
        return self._wanted.pop()

    def gone(self, host: Preloaded) -> None:
        """A host has ended; one that never was ready is not made again."""
        del self.hosts[host.pid]
        if not host.ready:
            self._refused.add(host.recipe)

    def _said(self, file: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        return self._statements.get(file, {}).items()

    def _host(self, recipe: Recipe) -> Preloaded | None:
        return next((host for host in self.hosts.values() if host.recipe == recipe), None)


def _statements_of(file: str, check: Check) -> tuple[str, ...] | None:
    try:
        if file in check.texts:
            return statements(check.texts[file])
        with open(file, encoding="utf-8", errors="replace", newline="") as stream:
            return statements(stream.read())
    except OSError:
        return None


def fork_host(recipe: Recipe, inherited: Iterable[int], serve: Serve) -> Preloaded:
    """A host that imports first; it closes the descriptors in `inherited`, which are the outer
    one's."""
    stamps = recipe.stamps()
    commands_read, commands_write = os.pipe()
    events_read, events_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            limits.own_group(0)
            limits.die_with_parent()
            call_this("libs")
            for descriptor in (*inherited, commands_write, events_read):
                os.close(descriptor)
            if _preload(recipe):
                write_all(events_write, READY)
                serve(commands_read, events_write)
        finally:
            leave(0)
    for descriptor in (commands_read, events_write):
        os.close(descriptor)
    limits.own_group(pid)
    os.set_blocking(events_read, False)
    return Preloaded(pid, commands_write, events_read, recipe, stamps)


def _preload(recipe: Recipe) -> bool:
    """Import the modules; whether this process can still be forked, and has what the run had."""
    sys.path[:0] = recipe.paths
    os.environ.update(recipe.environment)
    with _one_thread():
        for name, _ in recipe.modules:
            # What a run could import it can import again, or it was never the module's own name.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    for path in recipe.paths:
        with contextlib.suppress(ValueError):
            sys.path.remove(path)
    same = all(
        getattr(sys.modules.get(name), "__file__", file) == file for name, file in recipe.modules
    )
    gc.collect()
    gc.freeze()
    return same and _can_be_forked()


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Within, libraries that start a thread a core when they are imported do not."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    ours = [name for name in names if name not in os.environ]
    os.environ.update(dict.fromkeys(ours, "1"))
    yield
    for name in ours:
        os.environ.pop(name, None)


def _can_be_forked() -> bool:
    import torch

    return len(os.listdir("/proc/self/task")) == 1 and not torch.cuda.is_initialized()
