"""A worker host without processes, whose runs report, step by step, the findings of the oracle."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.engine.files import disk
from export_lsp.engine.hosts import WorkerHost
from export_lsp.observed import key
from export_lsp.protocol import (
    Check,
    Exited,
    Finding,
    Finished,
    Found,
    Loaded,
    Location,
    Position,
    Ready,
    RuleCode,
    RunEvent,
    StageEntered,
    TargetsFound,
    TargetStarted,
    Unusable,
)
from tests.faults.oracle import (
    OUTSIDE,
    SimpleFinding,
    crashes,
    files_read,
    fresh_check,
    line_of,
    looked_at,
)

SEGFAULT = -11


@dataclass
class RunRecord:
    """The ends of runs.

    Attributes:
        interrupted: the files whose last run died with its host.
        completed: the text that each file had in its last completed run.
    """

    interrupted: set[str] = field(default_factory=set)
    completed: dict[str, str] = field(default_factory=dict)


class FakeHost(WorkerHost):
    """A host whose runs check the files as they are on disk when the run starts.

    `running` holds the remaining events of each run; `root` is the folder that file names are
    relative to.
    """

    def __init__(
        self, interpreter: Path, log: Callable[[str, str], None], root: Path, record: RunRecord
    ) -> None:
        super().__init__(interpreter, log)
        self._root, self._record = root, record
        self._alive = True
        self.running: dict[int, list[RunEvent]] = {}
        self.files: dict[int, str] = {}
        self.texts: dict[int, str] = {}

    @property
    def alive(self) -> bool:
        return self._alive

    async def ready(self) -> Ready | Unusable:
        return Ready(1, "python", "2.13", 1, True, 0.0)

    async def kill(self, run: int, *, late: bool = False) -> None:
        if self.running.pop(run, None) is not None:
            self._deliver(Exited(run, -9))

    def abandon(self) -> None:
        self.die()

    async def close(self) -> None:
        self.die()

    async def _launch(self, check: Check) -> None:
        name = Path(check.file).relative_to(self._root).as_posix()
        assert name not in [self.files[run] for run in self.running], "two runs of one file"
        self.files[check.run] = name
        files = self._on_disk()
        self.texts[check.run] = files.get(name, "")
        self._record.interrupted.discard(name)
        self.running[check.run] = list(self._events_of(check, name, files))

    def step(self, run: int) -> None:
        """Deliver the next event of a run, unless it has been killed."""
        if run not in self.running:
            return
        event = self.running[run].pop(0)
        if isinstance(event, Exited):
            del self.running[run]
            self._record.completed[self.files[run]] = self.texts[run]
        self._deliver(event)

    def die(self) -> None:
        self._alive = False
        for run in list(self.running):
            self._record.interrupted.add(self.files[run])
            del self.running[run]
            self._deliver(Exited(run, -9))

    def _on_disk(self) -> dict[str, str]:
        files = [path for path in self._root.rglob("*") if path.is_file()]
        found = {path.relative_to(self._root).as_posix(): path.read_text() for path in files}
        outside = self._root / OUTSIDE
        return {**found, OUTSIDE: outside.read_text()} if outside.exists() else found

    def _events_of(self, check: Check, owner: str, files: dict[str, str]) -> Iterator[RunEvent]:
        """Yield the events of a run, from the files as they are now."""
        run, folder = check.run, Path(check.folder).relative_to(self._root).as_posix()
        folder = "" if folder == "." else folder
        if owner in files:
            here = self._place(SimpleFinding(owner, line_of(files[owner], "example_args"), ""))
            read = [str(self._root / name) for name in files_read(files, owner, folder)]
            digests = {name: digest or "" for name, digest in disk.digests(read).items()}
            yield StageEntered(run, "", "load", None)
            keys = looked_at(files[owner], folder)
            observed = {key(aspect, os.path.abspath(self._root / name)) for aspect, name in keys}
            yield Loaded(run, digests, disk.look_again(dict.fromkeys(observed, "")))
            yield TargetsFound(run, ("model",))
            yield TargetStarted(run, "model", here)
            yield StageEntered(run, "model", "capture", "non-strict")
            for finding in fresh_check(files, owner, folder, late="decompose" in check.stages):
                yield Found(run, self._finding(finding))
            if crashes(files, owner):
                yield Exited(run, SEGFAULT)
                return
        yield Finished(run, 0.1, 0)
        yield Exited(run, 0)

    def _finding(self, finding: SimpleFinding) -> Finding:
        rule: RuleCode = "graph-break"
        if finding.words.startswith("No module"):
            rule = "load-error"
        elif finding.words.startswith("late"):
            rule = "decomposition-error"
        place = self._place(finding)
        return Finding(rule, "capture", ("non-strict",), "model", place, finding.words)

    def _place(self, finding: SimpleFinding) -> Location:
        start, end = Position(finding.line, 0), Position(finding.line, 4)
        return Location(str(self._root / finding.file), start, end)
