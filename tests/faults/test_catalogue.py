"""Every fault has its effect and leaves nothing behind, and the next save works."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.catalogue import ALL
from tests.faults.sandbox import Sandbox, open_sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Files that a fault creates on purpose, with their sizes.
LEFT = {"writes-into-the-folder": {"left.bin": 1000}}
# Floods take until a limit is met.
LONG = ("floods-findings", "floods-bytes", "floods-events")
# How much the server and its host may grow during a fault: the host may still warm up, have runs
# whose ends it has not read, and nested hosts that do not have their names yet.
MEGABYTES, DESCRIPTORS = 50.0, 8
# The server may still have the pipe of a process whose end it has not read: no more than that, as
# each fault would add to what stays.
SERVER_DESCRIPTORS = 3


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with open_sandbox(tmp_path_factory.mktemp("faults")) as opened:
        yield opened


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name in ALL]
)
async def test_a_fault_leaves_nothing_behind(name: str, sandbox: Sandbox) -> None:
    report = await sandbox.inject(ALL[name])
    assert report.left == ()
    assert {path.name: size for path, size in report.files.items()} == LEFT.get(name, {}), str(
        report.files
    )
    before, after = report.before, report.after
    assert after.server_memory - before.server_memory < MEGABYTES
    assert after.host_memory - before.host_memory < MEGABYTES
    assert after.server_descriptors - before.server_descriptors < SERVER_DESCRIPTORS
    assert after.host_descriptors - before.host_descriptors < DESCRIPTORS
