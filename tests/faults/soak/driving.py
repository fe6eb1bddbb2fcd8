"""Saves of all kinds of files with random kills; each has to show what its text has in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.protocol import PROCESS_PREFIX
from tests.faults.scene import Scene, descriptors
from tests.faults.soak.curves import Sample
from tests.faults.soak.kinds import KINDS, Kind
from tests.server.editor import Json, resident_megabytes

# Of all saves: those in which a process is killed, those that turn a file into one of another kind,
# and those that change nothing but the body of a function.
KILLS = 0.15
TURNS = 0.2
BODIES = 0.6
# Hosts are killed in this first part only, so that the last one grows old; one in so many kills.
HOSTS_UNTIL = 0.25
HOSTS = 5
# Seconds after its beginning up to which a check is hit.
MOMENTS = 0.5

# Seconds between two looks at the clock.
TICK = 0.05

# Seconds that a check is given: a sound one needs them on a busy machine, a hanging one costs them.
TIMEOUT = 5.0

# What a killed process may have made of a check.
WARMING = "SIGKILL while it imported torch"
KILLED = (("out-of-memory", "killed from outside"), ("worker-crash", "SIGKILL"))


@dataclass
class File:
    """A file as it was last saved."""

    path: Path
    kind: Kind
    body: int = 0
    module: int = 0


@dataclass
class Soak:
    """`wrong` are the results that were not those of their text, `left` the processes that outlived
    their check; `kills` counts by role, `killed` is that of the last save, and `standstill` the
    longest time in it, in seconds, that this process got no turn: time stands still for all."""

    scene: Scene
    saves: int
    random: random.Random
    files: list[File] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    killed: str = ""
    standstill: float = 0.0

    async def run(self, progress: Callable[[int], None] = lambda number: None) -> None:
        folder = self.scene.folder
        self.files = [File(folder / f"{kind.name}.py", kind) for kind in KINDS]
        watching = asyncio.create_task(self._watch_the_clock())
        for number in range(1, self.saves + 1):
            await self._save(number)
            self.samples.append(await self._sample(number))
            progress(number)
        watching.cancel()

    async def _watch_the_clock(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(TICK)
            self.standstill = max(self.standstill, time.monotonic() - before - TICK)

    async def _save(self, number: int) -> None:
        file = self.random.choice(self.files)
        if self.random.random() < TURNS:
            file.kind = self.random.choice(KINDS)
        if self.random.random() < BODIES:
            file.body = 1000 + number
        else:
            file.body = file.module = 1000 + number
        self.kinds[file.kind.name] += 1
        editor = self.scene.editor
        for kept in (editor.notifications, editor.published, editor.requests, editor.stderr):
            kept.clear()
        role = self.killed = self._victim(number)
        self.standstill = 0.0
        moment = self.random.random() * MOMENTS
        killing = asyncio.create_task(self._kill(role, moment)) if role else None
        await self.scene.save(file.path, file.kind.text(file.body, file.module))
        if killing is not None:
            await killing
        self._compare(number, file, may_be_killed=killing is not None)

    def _victim(self, number: int) -> str:
        """The role of the process to kill during a save, "" for none."""
        if self.random.random() >= KILLS:
            return ""
        early = number < self.saves * HOSTS_UNTIL
        if early and self.random.randrange(HOSTS) == 0:
            return "host"
        return self.random.choice(("run", "spare", "model"))

    async def _kill(self, role: str, moment: float) -> None:
        """Kill a process of a role, at a time that depends on nothing."""
        await asyncio.sleep(moment)
        if role == "host":
            found = self.scene.hosts()
        else:
            names = self.scene.marked().items()
            found = sorted(pid for pid, name in names if name == f"{PROCESS_PREFIX}{role}")
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(found), signal.SIGKILL)
                self.kills[role] += 1

    def _compare(self, number: int, file: File, *, may_be_killed: bool) -> None:
        shown = self.scene.editor.raw(file.path)
        expected = file.kind.expected(file.body)
        if may_be_killed and self._is_unusable():
            right = True  # what was shown before still is
        elif may_be_killed and (rest := [item for item in shown if not _was_killed(item)]) != shown:
            right = rest == [] or _fits(rest, expected)
        else:
            right = _fits(shown, expected)
        if not right:
            told = [f"{item['code']}: {item['message']}" for item in shown]
            told_of = f"save {number} ({file.kind.name} {file.body}; killed: {self.killed or '-'};"
            told_of += f" stood still for {self.standstill:.1f} s)"
            log = self.scene.editor.stderr.decode(errors="replace")
            self.wrong.append(f"{told_of} shows {told}, not {expected}; the log:\n{log}")

    def _is_unusable(self) -> bool:
        """Whether the user was told that nothing can be checked: the host died in its warm-up."""
        told = self.scene.editor.notifications
        return any(method == "window/showMessage" and WARMING in str(said) for method, said in told)

    async def _sample(self, number: int) -> Sample:
        """What there is once nothing is left over from the check; what is left all the same is
        noted and ended."""
        if left := await self.scene.left(self.scene.strays):
            self.left.append(f"save {number} leaves {', '.join(left)}; killed: {self.killed}")
            for pid in self.scene.strays():
                os.kill(pid, signal.SIGKILL)
        server, hosts = self.scene.editor.process.pid, self.scene.hosts()
        try:
            host, host_memory = hosts[0], resident_megabytes(hosts[0])
            host_descriptors = descriptors(host)
        except (IndexError, OSError):
            host, host_memory, host_descriptors = 0, 0.0, 0  # killed, and not needed since
        return Sample(
            host=host,
            server_memory=resident_megabytes(server),
            host_memory=host_memory,
            server_descriptors=descriptors(server),
            host_descriptors=host_descriptors,
            processes=len(self.scene.marked()),
        )


def _was_killed(shown: Json) -> bool:
    return any(shown["code"] == rule and words in shown["message"] for rule, words in KILLED)


def _fits(shown: list[Json], expected: tuple[str, str] | None) -> bool:
    if expected is None:
        return shown == []
    rule, words = expected
    return len(shown) == 1 and shown[0]["code"] == rule and words in shown[0]["message"]
