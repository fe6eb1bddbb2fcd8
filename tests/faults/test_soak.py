"""The soak, shortened: what is shown after each save is right, and nothing piles up."""

from __future__ import annotations

import random
from pathlib import Path

from tests.faults.scene import open_scene
from tests.faults.soak.curves import curves
from tests.faults.soak.driving import TIMEOUT, Soak

SAVES = 40
SEED = 2


async def test_saves_and_kills(tmp_path: Path) -> None:
    async with open_scene(tmp_path, timeout=TIMEOUT) as scene:
        soak = Soak(scene, SAVES, random.Random(SEED))
        await soak.run()
    assert soak.wrong == []
    assert soak.left == []
    assert soak.kills
    assert [curve for curve in curves(soak.samples) if not curve.flat] == []
