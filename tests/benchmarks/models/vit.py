"""A vision transformer of transformers, 12 layers."""

import torch
from torch import nn
from transformers import ViTConfig, ViTModel


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        config = ViTConfig(
            hidden_size=192, intermediate_size=768, num_attention_heads=3, num_hidden_layers=12
        )
        self.vit = ViTModel(config, add_pooling_layer=False)

    def forward(self, images):
        y = self.vit(images).last_hidden_state
        picked = y[y > 0]
        if picked.shape[0] == NUMBER:
            return y
        return y + picked.sum()


NUMBER = 1
model = Net().eval()
example_args = (torch.randn(1, 3, 224, 224),)
