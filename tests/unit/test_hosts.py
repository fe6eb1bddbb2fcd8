"""The life of a worker process, with shell scripts in place of workers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from export_lsp.engine.hosts import WorkerHost, open_host, process
from export_lsp.protocol import VERSION, Check, Exited, Ready, Unusable
from export_lsp.wire import encode

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the workers are shell scripts")

READY = encode(Ready(VERSION, "python", "2.13", 1, True, 0.0)).decode().strip()


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        file = tmp_path / "python"
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
        return file

    return write


@asynccontextmanager
async def host_of(interpreter: Path, *, standby: bool = False) -> AsyncIterator[WorkerHost]:
    host = open_host(interpreter, standby=standby, log=lambda level, text: None)
    try:
        yield host
    finally:
        await host.close()


@pytest.mark.parametrize("standby", [False, True])
async def test_a_cancelled_wait_does_not_end_that_of_others(
    script: Callable[[str], Path], tmp_path: Path, standby: bool
) -> None:
    gate = tmp_path / "gate"
    worker = script(f"while [ ! -e {gate} ]; do sleep 0.01; done; echo '{READY}'; read line")
    async with host_of(worker, standby=standby) as host:
        impatient, patient = (asyncio.create_task(host.ready()) for _ in range(2))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.wait({impatient})
        gate.touch()
        assert isinstance(await patient, Ready)
        assert isinstance(await host.ready(), Ready)


async def test_children_that_hold_stderr_open_do_not_delay_the_end(
    script: Callable[[str], Path],
) -> None:
    worker = script(f"echo '{READY}'; read line; sleep 987653 >/dev/null & exit 3")
    async with host_of(worker, standby=True) as host:
        events = [event async for event in host.check(Check(7, "/w", "/w/net.py"))]
    assert events == [Exited(7, 3)]


async def test_an_interpreter_that_ends_at_once_is_unusable(
    script: Callable[[str], Path],
) -> None:
    async with host_of(script("exit 4")) as host:
        outcome = await host.ready()
        assert isinstance(outcome, Unusable)
        assert "ended with status 4" in outcome.message
        assert not host.alive


async def test_an_interpreter_that_never_has_torch_is_given_up(
    script: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "WARM_UP", 0.1)
    async with host_of(script("read line")) as host:
        outcome = await host.ready()
        assert isinstance(outcome, Unusable)
        assert "has not imported torch in" in outcome.message
