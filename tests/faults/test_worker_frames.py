"""Garbage between server and worker is logged and has no other effect."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import export_lsp
from export_lsp import wire
from export_lsp.engine.hosts import WorkerHost, open_host
from export_lsp.protocol import (
    NO_RUN,
    VERSION,
    Check,
    Exited,
    Finished,
    Kill,
    Log,
    Message,
    Ready,
    Unusable,
)
from export_lsp.wire import LineSplitter, ProtocolError
from tests.faults import fuzz_worker
from tests.server.models import CLEAN

BOOT = Path(export_lsp.__file__).parent / "worker" / "boot.py"
GARBAGE = [b"", b"{", b"[1]", b'{"kind": "Check"}', b'{"kind": "Kill", "run": true}', b"\xff" * 99]

# A stand-in for an interpreter: writes this text and waits, for any arguments.
SCRIPT = """#!{python}
import os, sys
os.write(1, {output!r})
sys.stdin.read()
"""


@given(fuzz_worker.messages)
def test_every_message_survives_encoding(message: Message) -> None:
    line = wire.encode(message)
    assert wire.encode(wire.decode(line)) == line


@settings(max_examples=500, deadline=None)
@given(fuzz_worker.lines)
def test_a_line_is_decoded_or_refused(line: bytes) -> None:
    fuzz_worker.outcome(line)


@given(st.binary(max_size=300), st.lists(st.integers(0, 50)), st.integers(0, 40))
def test_lines_do_not_depend_on_how_they_are_split(
    data: bytes, sizes: list[int], longest: int
) -> None:
    whole = [line for line in data.split(b"\n")[:-1] if len(line) <= longest]
    assert fuzz_worker.split_in_pieces(data, sizes, longest) == whole


def test_a_line_that_is_too_long_is_counted_and_dropped() -> None:
    splitter = LineSplitter(10)
    assert splitter.feed(b"short\n" + b"x" * 11) == [b"short"]
    assert splitter.feed(b"y" * 5 + b"\nagain\n") == [b"again"]
    assert splitter.dropped == 16


def test_a_host_survives_garbage(tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(CLEAN)
    pipe = subprocess.PIPE
    host = subprocess.Popen(
        [sys.executable, str(BOOT), "host"], stdin=pipe, stdout=pipe, start_new_session=True
    )
    check = Check(7, str(tmp_path), str(file), modes=("non-strict",), stages=("load", "capture"))
    assert host.stdin is not None
    assert host.stdout is not None
    host.stdin.write(b"\n".join([*GARBAGE, wire.encode(Kill(99))]) + wire.encode(check))
    host.stdin.flush()
    received: list[Message] = []
    while not received or not isinstance(received[-1], Exited):
        received.append(wire.decode(host.stdout.readline()))
    host.stdin.close()
    assert host.wait(10) == 0
    host.stdout.close()
    logged = [each for each in received if isinstance(each, Log) and each.run == NO_RUN]
    assert len(logged) == len(GARBAGE)
    assert any(isinstance(each, Finished) for each in received)
    assert received[-1] == Exited(7, 0)


async def _open_host_writing(folder: Path, output: bytes) -> tuple[WorkerHost, list[str]]:
    script = folder / "python"
    script.write_text(SCRIPT.format(python=sys.executable, output=output))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    logged: list[str] = []
    host = open_host(script, standby=False, log=lambda level, text: logged.append(text))
    return host, logged


def _ready(version: int) -> bytes:
    return wire.encode(Ready(version, "python", "2.13", os.getpid(), True, 0.0))


async def test_each_line_of_garbage_from_a_worker_is_logged(tmp_path: Path) -> None:
    host, logged = await _open_host_writing(tmp_path, b"\n".join([*GARBAGE, _ready(VERSION)]))
    assert isinstance(await asyncio.wait_for(host.ready(), 30), Ready)
    await host.close()
    assert sum("wrote no message" in line for line in logged) == len(GARBAGE)


async def test_a_worker_of_another_version_is_unusable(tmp_path: Path) -> None:
    host, _ = await _open_host_writing(tmp_path, _ready(VERSION + 1))
    ready = await asyncio.wait_for(host.ready(), 30)
    await host.close()
    assert isinstance(ready, Unusable)
    assert ready.message == "export-lsp was updated while it ran: restart the language server"


def test_a_field_of_the_wrong_type_is_refused() -> None:
    for wrong in (
        b'{"kind": "Kill", "run": true}',
        b'{"kind": "Loaded", "run": 1, "files": [["a", "b"]]}',
        b'{"kind": "TargetsFound", "run": 1, "targets": "ab"}',
        b'{"kind": "Finished", "run": 1, "seconds": 1' + b"0" * 400 + b', "peak_memory": 1}',
    ):
        try:
            wire.decode(wrong)
        except ProtocolError:
            continue
        raise AssertionError(wrong)
