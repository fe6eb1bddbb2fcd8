"""Model files for the tests of the server: small, since each is exported."""

from __future__ import annotations

# One data-dependent guard, at `picked.shape[0] == 0`.
GUARD = """\
import torch


class Pick(torch.nn.Module):
    def forward(self, x, choice):
        picked = x[choice]
        if picked.shape[0] == 0:
            raise ValueError("nothing is chosen")
        return picked.sum()


model = Pick()
example_args = (torch.ones(4), torch.tensor([True, False, True, True]))
"""
GUARD_TEXT = "picked.shape[0] == 0"

RAISED = 'raise ValueError("nothing is chosen")'

CLEAN = GUARD.replace(f"if {GUARD_TEXT}:\n            {RAISED}\n        ", "")

# The guard, in a module that another file imports.
LAYERS = GUARD.partition("\n\nmodel = ")[0]
CLEAN_LAYERS = CLEAN.partition("\n\nmodel = ")[0]
MODEL = """\
import torch
from layers import Pick

model = Pick()
example_args = (torch.ones(4), torch.tensor([True, False, True, True]))
"""

# `forward` waits until a file exists.
WAITING = """\
import pathlib
import time

import torch


class Wait(torch.nn.Module):
    def forward(self, x):
        while not pathlib.Path("{gate}").exists():
            time.sleep(0.01)
        if x.sum() > 0:
            return x
        return x + 1


model = Wait()
example_args = (torch.ones(4),)
"""
WAITING_TEXT = "x.sum() > 0"

UNICODE = """\
import torch


class Pick(torch.nn.Module):
    def forward(self, x, choice):
        漢字 = x[choice]
        return ("🔥é", x, x) if 漢字.shape[0] == 0 else x


model = Pick()
example_args = (torch.ones(4), torch.tensor([True, False, True, True]))
"""
UNICODE_TEXT = "漢字.shape[0] == 0"

# The guard, after which `forward` waits until a file exists.
WAITING_FOR_GATE = GUARD.replace(
    "        return picked.sum()",
    "        while not pathlib.Path({gate!r}).exists():\n"
    "            time.sleep(0.01)\n"
    "        return picked.sum()",
).replace("import torch", "import pathlib\nimport time\n\nimport torch", 1)

# A loop on a tensor gets no fix.
LOOP = """\
import torch


class Halve(torch.nn.Module):
    def forward(self, x):
        while x.sum() > 1:
            x = x / 2
        return x


model = Halve()
example_args = (torch.ones(4),)
"""
