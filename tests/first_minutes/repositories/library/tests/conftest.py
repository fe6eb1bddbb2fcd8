import pytest
from tonal import EncoderConfig


@pytest.fixture
def config():
    return EncoderConfig(bands=8, hidden=16, layers=1, heads=2)
