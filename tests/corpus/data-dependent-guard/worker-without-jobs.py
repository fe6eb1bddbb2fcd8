"""A branch for workers without jobs, which an empty selection does not need."""

import torch
from torch import nn


class Shifts(nn.Module):
    def __init__(self, width=6, workers=3):
        super().__init__()
        self.workers = nn.ModuleList(nn.Linear(width, width) for _ in range(workers))

    def forward(self, jobs, owner):
        done = torch.zeros_like(jobs)
        for number, worker in enumerate(self.workers):
            mine = (owner == number).nonzero()[:, 0]
            if len(mine) > 0:  #~ data-dependent-guard (non-strict) `len(mine)`: plain number  #~ data-dependent-guard (strict) `len(mine) > 0`
                # Each job is done once.
                done[mine] = worker(jobs[mine])
        return done


model = Shifts
example_args = (torch.randn(7, 6), torch.tensor([0, 1, 2, 2, 1, 0, 0]))
