"""PyTorch's own transformer encoder layers with a padding mask."""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, x, padding):
        return self.encoder(x, src_key_padding_mask=padding)


model = Encoder
example_args = (torch.randn(2, 5, 16), torch.zeros(2, 5, dtype=torch.bool))
