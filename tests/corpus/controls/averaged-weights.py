"""An exponential moving average of a model: swa_utils copies it and keeps a step counter."""

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.GroupNorm(2, 6), nn.SiLU())
        self.head = nn.Conv2d(6, 2, 1)

    def forward(self, image):
        return self.head(self.body(image))


def get_model():
    averaged = AveragedModel(Segmenter(), multi_avg_fn=get_ema_multi_avg_fn(0.999))
    averaged.update_parameters(Segmenter())
    return averaged.module.eval()


model = get_model
example_args = (torch.randn(1, 3, 16, 16),)
