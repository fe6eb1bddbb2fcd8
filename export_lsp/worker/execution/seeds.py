"""Seeds of the random numbers that torch, Python and, if it is loaded, NumPy draw."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from typing import Any

import torch

# For loading a file.  A fixed seed makes the example inputs, and so the findings, the same in every
# check.  With this one the selections by data in most examples are not empty.
FILE = 2
# For comparing results: not a seed that a model is likely to set, nor `FILE`, as tracing may have
# drawn the same numbers.
RESULTS = 0xE7_0A7
# To see whether results depend on the seed.
OTHER_RESULTS = 0xE7_0A8


def seed_all(seed: int) -> None:
    """Seed every generator."""
    torch.manual_seed(seed)
    random.seed(seed)
    if (numpy := _numpy_random()) is not None:
        numpy.seed(seed)


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Context manager that seeds every generator and restores their states on exit."""
    numpy = _numpy_random()
    states = torch.get_rng_state(), random.getstate(), numpy and numpy.get_state()
    seed_all(seed)
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        if numpy is not None:
            numpy.set_state(states[2])


def _numpy_random() -> Any:
    return getattr(sys.modules.get("numpy"), "random", None)
