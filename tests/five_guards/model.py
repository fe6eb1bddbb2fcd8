"""Five data-dependent guards: two here, three in submodules in another file, one in a loop."""

import torch
from parts import Crop, Experts, Gate
from torch import nn

WIDTH = 16


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH), nn.GELU())] * 16
        self.backbone = nn.Sequential(*layers)
        self.gate = Gate()
        self.experts = Experts(WIDTH, 4)
        self.crop = Crop(limit=32)

    def forward(self, x, choice, length):
        x = self.backbone(x)
        x = self.gate(x, choice == 1)
        x = self.experts(x, choice)
        x = self.crop(x, length)
        positive = x[x.sum(-1) != 0]
        # torch._check(positive.shape[0] > 1)
        if positive.shape[0] > 1:  #~ data-dependent-guard `positive.shape[0] > 1`: positive
            x = x + positive.mean(0)
        else:
            raise ValueError("most rows sum to 0")
        first = choice.max().item()
        # torch._check(first == 3)
        if first != 3:  #~ data-dependent-guard `first != 3`: first
            raise ValueError("the last expert is not chosen")
        return self.backbone(x)


model = Model()
example_args = (
    torch.randn(8, WIDTH),
    torch.tensor([0, 1, 2, 3, 0, 1, 2, 3]),
    torch.tensor(5),
)
