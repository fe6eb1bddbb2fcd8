"""A training script: it has a model and a training loop, but no export target."""

import torch
from torch import nn


class Regressor(nn.Module):  #~ no-target `Regressor`
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x):
        return self.net(x)


def train(steps=10):
    net = Regressor()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(steps):
        loss = net(torch.randn(16, 4)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


if __name__ == "__main__":
    train()
