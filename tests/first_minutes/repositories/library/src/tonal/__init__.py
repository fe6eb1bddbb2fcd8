"""Models of sound."""

from tonal.config import EncoderConfig
from tonal.encoder import Encoder

__all__ = ["Encoder", "EncoderConfig"]
