"""``export-lsp check --watch``: only files that change are checked again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import IO

import pytest

from tests.checking import wait_until
from tests.cli.command import Command
from tests.cli.test_check import BRANCH, CLEAN, LAYERS, MODEL

GOOD = "No problems found; {} checked"
# The last line of a report, on the same stream as the report.
CLOSING = re.compile(r"^(?:0 targets checked|No problems found;|Found \d+ problem).*\n", re.M)


class WatchProcess:
    """A running ``check --watch``, and its output so far."""

    def __init__(self, command: Command, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [
                *(str(command.python), "-m", "export_lsp", "check", "--watch", "-v"),
                *("--python", str(command.python), *arguments),
            ],
            cwd=command.folder,
            env={**command.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            # A shell's background job ignores SIGINT, and its children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self._written: dict[str, bytes] = {"out": b"", "err": b""}
        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr)):
            assert stream is not None
            threading.Thread(target=self._read, args=(name, stream), daemon=True).start()

    def _read(self, name: str, stream: IO[bytes]) -> None:
        while data := os.read(stream.fileno(), 1 << 16):
            self._written[name] += data

    @property
    def out(self) -> str:
        return self._written["out"].decode()

    @property
    def err(self) -> str:
        return self._written["err"].decode()

    @property
    def rounds(self) -> int:
        """The number of reports so far."""
        return len(CLOSING.findall(self.out))

    def after(self, act: Callable[[], object]) -> str:
        """Call a function, and return the report that follows."""
        written, rounds = len(self.out), self.rounds
        act()
        wait_until(lambda: self.rounds > rounds or self.process.poll() is not None)
        assert self.process.poll() is None, self.err
        return self.out[written:]

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


@pytest.fixture
def watch(command: Command) -> Iterator[Callable[..., WatchProcess]]:
    started: list[WatchProcess] = []

    def start(*arguments: str) -> WatchProcess:
        started.append(WatchProcess(command, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


def test_a_change_is_checked_again(command: Command, watch: Callable[..., WatchProcess]) -> None:
    command.write("layers.py", LAYERS)
    command.write("model.py", MODEL)
    command.write("clean.py", CLEAN + "print('clean is imported')\n")
    watching = watch()
    first = watching.after(lambda: None)
    assert "layers.py:15:" in first
    wait_until(lambda: "Watching for changes; Ctrl-C ends.\n" in watching.err)
    fixed = watching.after(
        lambda: command.write("layers.py", LAYERS.replace("picked.shape[0] == 0", "False"))
    )
    assert GOOD.format("2 targets") in fixed
    broken = watching.after(lambda: command.write("model.py", BRANCH))
    assert "data-dependent-branch" in broken
    wait_until(lambda: "clean is imported" in watching.err)
    assert watching.err.count("clean is imported") == 1
    assert watching.interrupt() == 130


def test_new_and_deleted_files(command: Command, watch: Callable[..., WatchProcess]) -> None:
    watching = watch()
    none = watching.after(lambda: None)
    assert "0 targets checked." in none
    wait_until(lambda: "No target was checked." in watching.err)
    found = watching.after(lambda: command.write("model.py", MODEL))
    assert "Missing module: `layers`" in found
    fixed = watching.after(
        lambda: command.write("layers.py", LAYERS.replace("picked.shape[0] == 0", "False"))
    )
    assert GOOD.format("1 target") in fixed
    gone = watching.after((command.folder / "model.py").unlink)
    assert "0 targets checked." in gone


def test_wrong_settings_are_reported_and_watched(
    command: Command, watch: Callable[..., WatchProcess]
) -> None:
    command.write("model.py", BRANCH)
    settings = command.write("pyproject.toml", "[tool.export-lsp]\n")
    watching = watch()
    assert "data-dependent-branch" in watching.after(lambda: None)
    settings.write_text('[tool.export-lsp]\nmodes = "both"\n')
    wait_until(lambda: "pyproject.toml:2" in watching.err)
    severities = '[tool.export-lsp.severities]\ndata-dependent-branch = "off"\n'
    assert GOOD.format("1 target") in watching.after(lambda: settings.write_text(severities))


def test_a_change_supersedes_a_running_check(
    command: Command, watch: Callable[..., WatchProcess]
) -> None:
    started_mark = command.folder / "started_mark"
    hangs = f"import time\nopen({str(started_mark)!r}, 'w').close()\ntime.sleep(10**6)\n"
    command.write("model.py", hangs + CLEAN)
    watching = watch()
    wait_until(started_mark.exists)
    assert GOOD.format("1 target") in watching.after(lambda: command.write("model.py", CLEAN))


def test_a_crash_is_checked_again(command: Command, watch: Callable[..., WatchProcess]) -> None:
    """The crashed run has not reported the files that it read."""
    command.write("model.py", f"import os\nos._exit(3)\n{CLEAN}")
    watching = watch()
    assert "worker-crash" in watching.after(lambda: None)
    assert GOOD.format("1 target") in watching.after(lambda: command.write("model.py", CLEAN))


def test_nothing_is_checked_without_watchfiles(command: Command) -> None:
    hidden = command.write("hidden/watchfiles.py", "raise ImportError\n")
    command.environment["PYTHONPATH"] = str(hidden.parent)
    command.environment["FORCE_COLOR"] = "1"
    outcome = command.run([str(command.python), "-m", "export_lsp", "check", "--watch", "gone.py"])
    assert outcome.code == 2
    # Before the paths are looked at, and without a trace of a progress bar.
    assert re.sub(r"\x1b\[[0-9;]*m", "", outcome.stderr) == (
        "error: --watch needs watchfiles: pip install 'export-lsp[watch]'.\n"
    )


def test_paths_and_options_that_cannot_be_watched(command: Command) -> None:
    assert command.check("--watch", "gone.py").code == 2
    both = command.check("--watch", "--diff")
    assert both.code == 2
    assert "--watch and --diff exclude each other" in both.stderr
    assert "--output-file" in command.check("--watch", "--output-format", "json").stderr
