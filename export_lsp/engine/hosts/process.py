"""A worker process: started with the user's interpreter, and spoken to in lines of JSON."""

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
from export_lsp.engine.environment import neutral_directory, neutral_environment
from export_lsp.engine.files.directories import users_umask
from export_lsp.engine.hosts.exit_status import SIGKILL, crash_name, is_crash
from export_lsp.engine.hosts.host import LogLine
from export_lsp.engine.hosts.orphans import Orphans, adopt_orphans
from export_lsp.engine.hosts.temporary_files import TemporaryFiles
from export_lsp.protocol import VERSION, Command, Exited, Message, Ready, Unusable
from export_lsp.wire import LineSplitter, ProtocolError

# Bytes read from a pipe at once.
CHUNK = 1 << 16

VERSION_SKEW = "export-lsp was updated while it ran: restart the language server"

# Seconds that importing torch may take; a cold network disk is slow.
WARM_UP = 300.0

# Seconds after the last message of a process at which the processes that user code has left running
# are ended.
GRACE = 1.0

# Seconds after the end of a run at which to remove the files of processes that have ended.  A model
# host that gives way to another one ends shortly after it.
REMOVALS = (0.0, 0.5, 2.0)

# The exit status of a process that could not be waited for; it has been sent SIGKILL.
UNKNOWN_STATUS = -SIGKILL


class WorkerProcess:
    """Runs ``worker/boot.py`` in a role.  The process starts at once, on the running event loop.

    Args:
        interpreter: The user's interpreter.
        role: The kind of process that it becomes.
        log: Called with each line about a failure of it.
        on_message: Called with every message after the first, which says how the warm-up went, and
            its size in bytes.
        on_print: Called with text that the process writes to stderr.
        on_exit: Called with the exit status (negative for a signal), after all messages.

    Attributes:
        alive: False once the process has ended, or could not be started.
    """

    def __init__(
        self,
        interpreter: Path,
        role: Literal["host", "standby"],
        *,
        log: LogLine,
        on_message: Callable[[Message, int], None],
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
        self._orphans = Orphans()
        self._files = TemporaryFiles()
        self._removals: set[asyncio.Future[None]] = set()
        self.alive = True
        self._outcome: asyncio.Future[Ready | Unusable] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live())

    @property
    def outcome(self) -> Ready | Unusable | None:
        """The outcome of the warm-up; None while it goes on."""
        return self._outcome.result() if self._outcome.done() else None

    @property
    def pid(self) -> int | None:
        """The number of the process; None if it has not started yet."""
        return self._process.pid if self._process is not None else None

    async def ready(self) -> Ready | Unusable:
        """Wait until the warm-up has ended, and return its outcome."""
        # A cancelled task cancels the future that it waits for; others wait for this one as well.
        return await asyncio.shield(self._outcome)

    async def send(self, command: Command) -> None:
        """Send a command after the warm-up.  One to a process that has ended is dropped."""
        await self.ready()
        if self._process is None or self._process.stdin is None:
            return
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(wire.encode(command))
            await self._process.stdin.drain()

    def kill(self) -> None:
        """SIGKILL the process group, which may outlive the process itself."""
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
        """Close the command pipe, which ends a host and its runs; kill what is left after that.

        No process that it has left behind is left either.
        """
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        done, _ = await asyncio.wait({self._life}, timeout=GRACE)
        if not done:
            self.kill()
            await asyncio.wait({self._life}, timeout=2 * GRACE)
            self._life.cancel()
        if self._process is not None:
            await self._orphans.ended(self._process.pid)
        await asyncio.gather(*self._removals)

    async def _live(self) -> None:
        """Start the process, and follow it until it has ended."""
        status = UNKNOWN_STATUS
        adopt_orphans()
        orphans = self._orphans
        try:
            with resources.as_file(resources.files("export_lsp") / "worker" / "boot.py") as boot:
                with orphans.starting():
                    self._process = await self._start(boot)
                    orphans.started(self._process.pid)
                give_up = asyncio.get_running_loop().call_later(WARM_UP, self._give_up)
                status = await self._follow(self._process)
                give_up.cancel()
        except OSError as error:
            message = f"{self._interpreter} does not start: {error.strerror or error}"
            self._end_warm_up(Unusable("interpreter-broken", message))
        finally:
            self.alive = False
            if self._process is not None:
                orphans.end(self._process.pid)
            self._remove(self._files.remove)
            self._end_warm_up(Unusable("interpreter-broken", self._early_exit()))
            self._on_exit(status)

    async def _start(self, boot: Path) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            str(self._interpreter),
            str(boot),
            self._role,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=sys.platform != "win32",
            umask=users_umask(),
            cwd=neutral_directory(),
            env={
                **neutral_environment(os.environ),
                **self._files.variables,
                **self._orphans.mark,
            },
        )

    def _remove(self, remove: Callable[[], None]) -> None:
        """Remove files in a thread: there may be many."""
        removal = asyncio.ensure_future(asyncio.to_thread(remove))
        self._removals.add(removal)
        removal.add_done_callback(self._removals.discard)

    def _early_exit(self) -> str:
        """The message for a process that ended during its warm-up."""
        status = self._process.returncode if self._process is not None else None
        if status is None:
            how = "went away"
        elif is_crash(status):
            how = f"was ended by {crash_name(status)}"
        else:
            how = f"ended with status {status}"
        return (
            f"{self._interpreter} {how} while it imported torch: try"
            f' `{self._interpreter} -c "import torch"`, or read its output in the log'
        )

    def _give_up(self) -> None:
        if not self._outcome.done():
            message = (
                f"{self._interpreter} has not imported torch in {WARM_UP:.0f} s;"
                " its output is in the log"
            )
            self._end_warm_up(Unusable("interpreter-broken", message))
            self.kill()

    def _end_warm_up(self, outcome: Ready | Unusable) -> None:
        if not self._outcome.done():
            self._outcome.set_result(outcome)

    async def _follow(self, process: asyncio.subprocess.Process) -> int:
        """Hand out what the process sends until it ends, and return its exit status.

        Children that user code has left running may hold stderr open, and `Process.wait` waits for
        that as well in some versions of Python: the wait for either is bounded.
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
        return UNKNOWN_STATUS if process.returncode is None else process.returncode

    async def _read_messages(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        lines = LineSplitter()
        while data := await process.stdout.read(CHUNK):
            for line in lines.feed(data):
                self._receive(line)
            if lines.dropped:
                text = f"{self._interpreter} wrote {lines.dropped} bytes that are no message"
                self._log("warning", text)
                lines.dropped = 0

    def _receive(self, line: bytes) -> None:
        try:
            message = wire.decode(line)
        except ProtocolError as error:
            self._log("warning", f"{self._interpreter} wrote no message: {error}")
            return
        if isinstance(message, (Ready, Unusable)):
            if isinstance(message, Ready) and message.version != VERSION:
                message = Unusable("version-skew", VERSION_SKEW)
            if isinstance(message, Unusable) and message.detail:
                self._log("error", message.detail)
            self._end_warm_up(message)
        else:
            if isinstance(message, Exited):
                for delay in REMOVALS:
                    asyncio.get_running_loop().call_later(
                        delay, self._remove, self._files.remove_ended
                    )
            self._on_message(message, len(line))

    async def _read_prints(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while data := await process.stderr.read(CHUNK):
            self._on_print(decoder.decode(data))
