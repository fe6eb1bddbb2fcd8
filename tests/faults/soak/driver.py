"""Save all kinds of files with random kills, and compare the diagnostics with each text."""

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
from tests.faults.sandbox import Sandbox, descriptors
from tests.faults.soak.curves import Sample
from tests.faults.soak.file_kinds import KINDS, FileKind
from tests.server.editor import Json, resident_megabytes

# Of all saves: the share with a kill, the share that gives a file a different kind, and the share
# that changes only a function body.
KILLS = 0.15
KIND_CHANGES = 0.2
BODY_CHANGES = 0.6
# Hosts are killed in this first part of the soak only, so that the last one gets old, and in one of
# this many kills.
HOST_KILLS_UNTIL = 0.25
HOST_KILLS = 5
# A kill happens at most this many seconds after the save.
LATEST_KILL = 0.5

# Seconds between two looks at the clock.
TICK = 0.05

# The timeout in seconds: enough for a check on a busy machine; each check that hangs takes it all.
TIMEOUT = 5.0

# Messages that show that a process was killed.
WARMING = "SIGKILL while it imported torch"
KILLED = (("out-of-memory", "killed from outside"), ("worker-crash", "SIGKILL"))


@dataclass
class File:
    """A file as last saved: its kind, and the numbers in and outside its function body."""

    path: Path
    kind: FileKind
    body: int = 0
    module: int = 0


@dataclass
class Soak:
    """A soak in a sandbox, of a number of saves.

    Attributes:
        wrong: a text for each save whose diagnostics were not those of its text.
        left: a text for each save after which processes were left behind.
        kills: how many processes of each role were killed.
        kinds: how many saves were of each kind of file.
        killed: the role of the process killed during the last save; "" for none.
        standstill: the longest time in seconds, during the last save, in which the machine did not
            schedule this process.
    """

    sandbox: Sandbox
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
        folder = self.sandbox.folder
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
        if self.random.random() < KIND_CHANGES:
            file.kind = self.random.choice(KINDS)
        if self.random.random() < BODY_CHANGES:
            file.body = 1000 + number
        else:
            file.body = file.module = 1000 + number
        self.kinds[file.kind.name] += 1
        editor = self.sandbox.editor
        for kept in (editor.notifications, editor.published, editor.requests, editor.stderr):
            kept.clear()
        role = self.killed = self._victim(number)
        self.standstill = 0.0
        delay = self.random.random() * LATEST_KILL
        killing = asyncio.create_task(self._kill(role, delay)) if role else None
        await self.sandbox.save(file.path, file.kind.text(file.body, file.module))
        if killing is not None:
            await killing
        self._compare(number, file, may_be_killed=killing is not None)

    def _victim(self, number: int) -> str:
        """Choose the role of the process to kill during a save; "" for none."""
        if self.random.random() >= KILLS:
            return ""
        early = number < self.saves * HOST_KILLS_UNTIL
        if early and self.random.randrange(HOST_KILLS) == 0:
            return "host"
        return self.random.choice(("run", "spare", "model"))

    async def _kill(self, role: str, delay: float) -> None:
        """Kill a process of a role after this many seconds."""
        await asyncio.sleep(delay)
        if role == "host":
            found = self.sandbox.hosts()
        else:
            names = self.sandbox.processes().items()
            found = sorted(pid for pid, name in names if name == f"{PROCESS_PREFIX}{role}")
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(found), signal.SIGKILL)
                self.kills[role] += 1

    def _compare(self, number: int, file: File, *, may_be_killed: bool) -> None:
        shown = self.sandbox.editor.raw(file.path)
        expected = file.kind.expected(file.body)
        if may_be_killed and self._is_unusable():
            right = True  # the diagnostics of the previous save stay
        elif may_be_killed and (rest := [item for item in shown if not _was_killed(item)]) != shown:
            right = rest == [] or _fits(rest, expected)
        else:
            right = _fits(shown, expected)
        if not right:
            found = [f"{item['code']}: {item['message']}" for item in shown]
            save = f"save {number} ({file.kind.name} {file.body}; killed: {self.killed or '-'};"
            save += f" not scheduled for {self.standstill:.1f} s)"
            log = self.sandbox.editor.stderr.decode(errors="replace")
            self.wrong.append(f"{save} shows {found}, not {expected}; the log:\n{log}")

    def _is_unusable(self) -> bool:
        """Return whether a message reported that the host died while warming up."""
        return any(
            method == "window/showMessage" and WARMING in str(params)
            for method, params in self.sandbox.editor.notifications
        )

    async def _sample(self, number: int) -> Sample:
        """Measure once the processes of the check have ended; note and kill any that remain."""
        if left := await self.sandbox.remaining(self.sandbox.strays):
            self.left.append(f"save {number} leaves {', '.join(left)}; killed: {self.killed}")
            for pid in self.sandbox.strays():
                os.kill(pid, signal.SIGKILL)
        server, hosts = self.sandbox.editor.process.pid, self.sandbox.hosts()
        try:
            host, host_memory = hosts[0], resident_megabytes(hosts[0])
            host_descriptors = descriptors(host)
        except (IndexError, OSError):
            host, host_memory, host_descriptors = 0, 0.0, 0  # killed, and not yet started again
        return Sample(
            host=host,
            server_memory=resident_megabytes(server),
            host_memory=host_memory,
            server_descriptors=descriptors(server),
            host_descriptors=host_descriptors,
            processes=len(self.sandbox.processes()),
        )


def _was_killed(shown: Json) -> bool:
    return any(shown["code"] == rule and words in shown["message"] for rule, words in KILLED)


def _fits(shown: list[Json], expected: tuple[str, str] | None) -> bool:
    if expected is None:
        return shown == []
    rule, words = expected
    return len(shown) == 1 and shown[0]["code"] == rule and words in shown[0]["message"]
