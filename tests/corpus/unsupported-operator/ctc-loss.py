"""The CTC loss with lengths as tensors."""

import torch
import torch.nn.functional as F
from torch import nn


class Recogniser(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(8, 5)

    def forward(self, x, targets, input_lengths, target_lengths):
        log_probs = self.out(x).log_softmax(-1)
        return F.ctc_loss(  #~ unsupported-operator `F.ctc_loss( …`
            log_probs,
            targets,
            input_lengths,
            target_lengths,
        )


model = Recogniser
example_args = (
    torch.randn(6, 2, 8),
    torch.ones(2, 3, dtype=torch.long),
    torch.tensor([6, 6]),
    torch.tensor([3, 2]),
)
