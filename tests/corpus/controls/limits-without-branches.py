"""Numbers from data limited with min, max and slices, and empty selections without branches."""

import torch
from torch import nn


class Windows(nn.Module):
    def __init__(self, width=6, workers=3, longest=5):
        super().__init__()
        self.workers = nn.ModuleList(nn.Linear(width, width) for _ in range(workers))
        self.longest = longest

    def forward(self, jobs, owner, lengths):
        done = torch.zeros_like(jobs)
        for number, worker in enumerate(self.workers):
            mine = (owner == number).nonzero()[:, 0]
            done[mine] = worker(jobs[mine])
        end = min(max(lengths.max().item(), 1), self.longest)
        kept = jobs[owner > 0][:4]
        return done[:end].sum(0) + kept.sum(0)


model = Windows
example_args = (
    torch.randn(7, 6),
    torch.tensor([0, 1, 2, 2, 1, 0, 0]),
    torch.tensor([2, 4]),
)
