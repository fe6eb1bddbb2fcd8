"""Measures how long parts take, logs it, and warns of slow ones."""

import logging
import time
from datetime import datetime

import torch
from torch import nn

logger = logging.getLogger(__name__)


class Timed(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        start = time.perf_counter()
        y = self.fc(x).relu()
        took = time.perf_counter() - start
        if took > 10.0:
            logger.warning("slow: %.3f s", took)
        logger.debug("at %s: %.6f", datetime.now().isoformat(), took)
        return y


export_targets = {
    "timed": {"model": Timed, "args": (torch.randn(2, 4),), "modes": ("non-strict",)}
}
