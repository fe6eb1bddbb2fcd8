from dataclasses import dataclass


@dataclass(frozen=True)
class EncoderConfig:
    """The sizes of an encoder."""

    bands: int = 80
    hidden: int = 256
    layers: int = 4
    heads: int = 4
