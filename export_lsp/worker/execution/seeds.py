"""The random numbers that torch, Python and, where it is used, numpy draw."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from typing import Any

import torch

# For a file: drawn anew for each check, example inputs would decide what is said of it.  With this
# seed the selections of most examples are not empty, which is what their models are for.
FILE = 2
# To compare results: not one that a model would choose, nor the file's, since tracing may have
# drawn the same numbers then.
RESULTS = 0xE7_0A7


def seed_all(seed: int) -> None:
    """From here on, the numbers of this seed are drawn."""
    torch.manual_seed(seed)
    random.seed(seed)
    if (numpy := _numpy_random()) is not None:
        numpy.seed(seed)


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within, the numbers of this seed are drawn; then it goes on as if none had been."""
    numpy = _numpy_random()
    kept = torch.get_rng_state(), random.getstate(), numpy and numpy.get_state()
    seed_all(seed)
    try:
        yield
    finally:
        torch.set_rng_state(kept[0])
        random.setstate(kept[1])
        if numpy is not None:
            numpy.set_state(kept[2])


def _numpy_random() -> Any:
    return getattr(sys.modules.get("numpy"), "random", None)
