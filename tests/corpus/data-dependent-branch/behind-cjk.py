"""The failing condition stands behind Chinese text and emoji on its line."""

import torch
from torch import nn


class 门控(nn.Module):
    def __init__(self):
        super().__init__()
        self.权重 = nn.Linear(8, 8)

    def forward(self, 输入):
        输出 = self.权重(输入)
        标签 = "正 😀" if 输出.mean() > 0 else "负 😢"  #~ data-dependent-branch `输出.mean() > 0`
        return {标签: 输出}


model = 门控
example_args = (torch.randn(2, 8),)
