"""The torch that libraries are installed with."""

from __future__ import annotations

# torchvision's wheels fit one torch each.
VISION = ("torch==2.14.1", "torchvision==0.29.1")
DEVELOPED = ("torch==2.13.0",)
