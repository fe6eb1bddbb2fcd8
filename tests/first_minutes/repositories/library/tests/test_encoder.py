import pytest
import torch
from tonal import Encoder


@pytest.fixture
def encoder(config):
    torch.manual_seed(0)
    return Encoder(config).eval()


def test_shape(encoder, config):
    frames = torch.randn(2, 20, config.bands)
    lengths = torch.tensor([20, 13])
    hidden = encoder(frames, lengths)
    assert hidden.shape == (2, 10, config.hidden)


@pytest.mark.parametrize("length", [6, 12])
def test_padding_is_ignored(encoder, config, length):
    frames = torch.randn(1, length, config.bands)
    padded = torch.cat([frames, torch.zeros(1, 4, config.bands)], dim=1)
    lengths = torch.tensor([length])
    assert encoder(padded, lengths) is not None
