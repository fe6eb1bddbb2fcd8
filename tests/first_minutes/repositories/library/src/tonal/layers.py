import torch
from torch import nn


class Subsampling(nn.Module):
    """Halves the number of frames."""

    def __init__(self, bands: int, hidden: int):
        super().__init__()
        self.conv = nn.Conv1d(bands, hidden, kernel_size=3, stride=2, padding=1)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv(frames.transpose(1, 2))).transpose(1, 2)


def padding_mask(lengths: torch.Tensor) -> torch.Tensor:
    """Return True for the frames behind the end of each item."""
    longest = int(lengths.max())
    return torch.arange(longest, device=lengths.device)[None, :] >= lengths[:, None]
