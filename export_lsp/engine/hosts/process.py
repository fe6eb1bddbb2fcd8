"""A worker process of ours: started with the user's interpreter, spoken to in JSON lines."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Literal

from export_lsp import wire
from export_lsp.engine.files.directories import users_umask
from export_lsp.engine.hosts.exit_status import crash_name, is_crash
from export_lsp.engine.hosts.host import LogLine
from export_lsp.engine.hosts.orphans import Orphans, adopt
from export_lsp.protocol import VERSION, Command, Message, Ready, Unusable
from export_lsp.wire import LineSplitter, ProtocolError

CHUNK = 1 << 16

SKEW = "export-lsp was updated while it ran: restart the language server"

# Seconds that importing torch may take, from a cold network disk too.
WARM_UP = 300.0

# Seconds after the last message until what user code left running is ended.
GRACE = 1.0
# The status of a process that nobody could wait for: it was sent SIGKILL, whose number Windows
# does not have.
UNKNOWN = -9


class WorkerProcess:
    """Runs ``boot.py`` in a role and hands out what it says.

    `on_message` gets every message after the first, `on_print` what arrives on stderr, `on_exit`
    the exit status (negative for a signal) after all messages were handed out.
    """

    def __init__(
        self,
        interpreter: Path,
        role: Literal["host", "standby"],
        *,
        log: LogLine,
        on_message: Callable[[Message], None],
        on_print: Callable[[str], None],
        on_exit: Callable[[int], None],
    ) -> None:
        self._interpreter = interpreter
        self._role = role
        self._log = log
        self._on_message = on_message
        self._on_print = on_print
        self._on_exit = on_exit
        self._process: asyncio.subprocess.Process | None = None
        self.alive = True
        self._outcome: asyncio.Future[Ready | Unusable] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live())

    @property
    def outcome(self) -> Ready | Unusable | None:
        """How the warm-up went; None while it goes on."""
        return self._outcome.result() if self._outcome.done() else None

    async def ready(self) -> Ready | Unusable:
        """Wait for the end of the warm-up."""
        # A cancelled task cancels the future it waits for: without the shield, that of all others.
        return await asyncio.shield(self._outcome)

    async def send(self, command: Command) -> None:
        """Write a command; one to a process that has ended goes nowhere, its exit is reported."""
        await self.ready()
        if self._process is None or self._process.stdin is None:
            return
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(wire.encode(command))
            await self._process.stdin.drain()

    def kill(self) -> None:
        """SIGKILL the process and its group, of which children may be left after its own end."""
        if self._process is None:
            return
        if sys.platform == "win32":
            if self._process.returncode is not None:
                return
            # Windows has no process groups to kill: taskkill walks the tree of children.
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(self._process.pid)],
                capture_output=True,
                check=False,
            )
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def close(self) -> None:
        """Close the command pipe, which ends a host and its runs; kill what is left after it."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        done, _ = await asyncio.wait({self._life}, timeout=GRACE)
        if not done:
            self.kill()
            await asyncio.wait({self._life}, timeout=2 * GRACE)
            self._life.cancel()

    async def _live(self) -> None:
        status = UNKNOWN
        adopt()
        orphans = Orphans()
        try:
            with resources.as_file(resources.files("export_lsp") / "worker" / "boot.py") as boot:
                self._process = await asyncio.create_subprocess_exec(
                    str(self._interpreter),
                    str(boot),
                    self._role,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=sys.platform != "win32",
                    umask=users_umask(),
                    env={**os.environ, **orphans.mark},
                )
                slow = asyncio.get_running_loop().call_later(WARM_UP, self._give_up)
                status = await self._attend(self._process)
                slow.cancel()
        except OSError as error:
            message = f"{self._interpreter} does not start: {error.strerror or error}"
            self._become(Unusable("interpreter-broken", message))
        finally:
            self.alive = False
            if self._process is not None:
                orphans.end(self._process.pid)
            self._become(Unusable("interpreter-broken", self._ended_early()))
            self._on_exit(status)

    def _ended_early(self) -> str:
        status = self._process.returncode if self._process is not None else None
        if status is None:
            how = "went away"
        elif is_crash(status):
            how = f"was ended by {crash_name(status)}"
        else:
            how = f"ended with status {status}"
        return (
            f"{self._interpreter} {how} while it imported torch: see what"
            f' `{self._interpreter} -c "import torch"` says; the log has its output too'
        )

    def _give_up(self) -> None:
        if not self._outcome.done():
            message = f"{self._interpreter} has not imported torch in {WARM_UP:.0f} s"
            self._become(Unusable("interpreter-broken", f"{message}; the log has its output"))
            self.kill()

    def _become(self, outcome: Ready | Unusable) -> None:
        if not self._outcome.done():
            self._outcome.set_result(outcome)

    async def _attend(self, process: asyncio.subprocess.Process) -> int:
        """Hand out what the process says, to its end; its exit status.

        Children that user code left running may hold stderr open, and `Process.wait` waits for
        that as well in some versions of Python: neither is waited for without end.
        """
        prints = asyncio.create_task(self._read_prints(process))
        exited = asyncio.create_task(process.wait())
        try:
            await self._read_messages(process)
            await asyncio.wait({prints, exited}, timeout=GRACE)
            self.kill()
            await asyncio.wait({prints, exited}, timeout=GRACE)
        finally:
            prints.cancel()
            exited.cancel()
        return UNKNOWN if process.returncode is None else process.returncode

    async def _read_messages(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        pending = LineSplitter()
        while data := await process.stdout.read(CHUNK):
            for line in pending.feed(data):
                self._take(line)
            if pending.dropped:
                said = f"{self._interpreter} wrote {pending.dropped} bytes that are no message"
                self._log("warning", said)
                pending.dropped = 0

    def _take(self, line: bytes) -> None:
        try:
            message = wire.decode(line)
        except ProtocolError as error:
            self._log("warning", f"{self._interpreter} wrote no message: {error}")
            return
        if isinstance(message, (Ready, Unusable)):
            if isinstance(message, Ready) and message.version != VERSION:
                message = Unusable("version-skew", SKEW)
            if isinstance(message, Unusable) and message.detail:
                self._log("error", message.detail)
            self._become(message)
        else:
            self._on_message(message)

    async def _read_prints(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while data := await process.stderr.read(CHUNK):
            self._on_print(decoder.decode(data))
