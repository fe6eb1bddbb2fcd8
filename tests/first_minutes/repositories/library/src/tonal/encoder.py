import torch
from torch import nn

from tonal.config import EncoderConfig
from tonal.layers import Subsampling, padding_mask


class Encoder(nn.Module):
    """Encodes the frames of recordings of different lengths."""

    def __init__(self, config: EncoderConfig):
        super().__init__()
        self.subsampling = Subsampling(config.bands, config.hidden)
        layer = nn.TransformerEncoderLayer(config.hidden, config.heads, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, config.layers)

    def forward(self, frames: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        hidden = self.subsampling(frames)
        mask = padding_mask((lengths + 1) // 2)
        return self.layers(hidden, src_key_padding_mask=mask)
