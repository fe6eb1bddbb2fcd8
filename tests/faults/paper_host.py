"""A host without processes: its runs say, step by step, what the files they check say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.engine.files import disk
from export_lsp.engine.hosts import WorkerHost
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
from tests.faults.reference import Said, crashes, fresh, line_of, read_by

SEGFAULT = -11


@dataclass
class Record:
    """What became of runs, by the files they checked: `hurt` are those whose last run was brought
    down with its host, `done` the texts of those that were checked to an end."""

    hurt: set[str] = field(default_factory=set)
    done: dict[str, str] = field(default_factory=dict)


class PaperHost(WorkerHost):
    """Its checks find what the files say that are on disk when they begin; `root` is what files are
    named from."""

    def __init__(
        self, interpreter: Path, log: Callable[[str, str], None], root: Path, record: Record
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
        self._record.hurt.discard(name)
        self.running[check.run] = list(self._says(check, name, files))

    def step(self, run: int) -> None:
        """Let a run say its next word, if it has not been killed."""
        if run not in self.running:
            return
        event = self.running[run].pop(0)
        if isinstance(event, Exited):
            del self.running[run]
            self._record.done[self.files[run]] = self.texts[run]
        self._deliver(event)

    def die(self) -> None:
        self._alive = False
        for run in list(self.running):
            self._record.hurt.add(self.files[run])
            del self.running[run]
            self._deliver(Exited(run, -9))

    def _on_disk(self) -> dict[str, str]:
        files = [path for path in self._root.rglob("*") if path.is_file()]
        return {path.relative_to(self._root).as_posix(): path.read_text() for path in files}

    def _says(self, check: Check, owner: str, files: dict[str, str]) -> Iterator[RunEvent]:
        """What a run of a check says, from the files as they are now."""
        run, folder = check.run, Path(check.folder).relative_to(self._root).as_posix()
        folder = "" if folder == "." else folder
        if owner in files:
            here = self._place(Said(owner, line_of(files[owner], "example_args"), ""))
            read = [str(self._root / name) for name in read_by(files, owner, folder)]
            digests = {name: digest or "" for name, digest in disk.digests(read).items()}
            yield StageEntered(run, "", "load", None)
            yield Loaded(run, digests)
            yield TargetsFound(run, ("model",))
            yield TargetStarted(run, "model", here)
            yield StageEntered(run, "model", "capture", "non-strict")
            for said in fresh(files, owner, folder, late="decompose" in check.stages):
                yield Found(run, self._finding(said))
            if crashes(files, owner):
                yield Exited(run, SEGFAULT)
                return
        yield Finished(run, 0.1, 0)
        yield Exited(run, 0)

    def _finding(self, said: Said) -> Finding:
        rule: RuleCode = "graph-break"
        if said.words.startswith("No module"):
            rule = "load-error"
        elif said.words.startswith("late"):
            rule = "decomposition-error"
        return Finding(rule, "capture", ("non-strict",), "model", self._place(said), said.words)

    def _place(self, said: Said) -> Location:
        start, end = Position(said.line, 0), Position(said.line, 4)
        return Location(str(self._root / said.file), start, end)
