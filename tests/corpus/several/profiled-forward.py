"""Times its parts, cleans up behind itself and asks for threads in the middle of forward."""

import gc
import logging
import time

import torch
from torch import nn

log = logging.getLogger(__name__)


class Timed(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        start = time.perf_counter()  #~ graph-break (strict) `time.perf_counter()`
        y = self.inner(x)
        log.debug("took %s since %s", y.shape, start)
        return y


class Profiled(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = Timed(nn.Linear(8, 8))
        self.decode = Timed(nn.Linear(8, 4))

    def forward(self, x):
        gc.collect()  #~ graph-break (strict) `gc.collect()`
        h = self.encode(x)
        parts = torch.get_num_threads()  #~ graph-break (strict) `torch.get_num_threads()`
        h = torch.cat([part.relu() for part in h.split(max(parts, 1))])
        time.sleep(0)  #~ graph-break (strict) `time.sleep(0)`
        return self.decode(h)


model = Profiled
example_args = (torch.randn(4, 8),)
