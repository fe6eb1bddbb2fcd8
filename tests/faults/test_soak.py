"""A short soak: the diagnostics after each save are right, and no resource grows."""

from __future__ import annotations

import random
from pathlib import Path

from tests.faults.sandbox import open_sandbox
from tests.faults.soak.curves import curves
from tests.faults.soak.driver import TIMEOUT, Soak

SAVES = 40
SEED = 2


async def test_saves_and_kills(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path, timeout=TIMEOUT) as sandbox:
        soak = Soak(sandbox, SAVES, random.Random(SEED))
        await soak.run()
    assert soak.wrong == []
    assert soak.left == []
    assert soak.kills
    assert [curve for curve in curves(soak.samples) if not curve.flat] == []
