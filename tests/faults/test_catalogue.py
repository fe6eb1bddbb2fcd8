"""Every fault ends in what it says, leaves nothing, and the next save works."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.catalogue import ALL
from tests.faults.scene import Scene, open_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Files that a fault means to leave, with their bytes.
LEFT = {"writes-into-the-folder": {"left.bin": 1000}}
# What the server and its host may have more after a fault than before: the host warms up meanwhile,
# and has descriptors for each model that it keeps made.
MEGABYTES, DESCRIPTORS = 50.0, 8


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with open_scene(tmp_path_factory.mktemp("faults")) as opened:
        yield opened


@pytest.mark.parametrize("name", ALL)
async def test_a_fault_hurts_nobody(name: str, scene: Scene) -> None:
    outcome = await scene.suffer(ALL[name])
    assert outcome.left == ()
    assert {path.name: size for path, size in outcome.files.items()} == LEFT.get(name, {})
    before, after = outcome.before, outcome.after
    assert after.server_memory - before.server_memory < MEGABYTES
    assert after.host_memory - before.host_memory < MEGABYTES
    assert after.server_descriptors <= before.server_descriptors
    assert after.host_descriptors - before.host_descriptors < DESCRIPTORS
