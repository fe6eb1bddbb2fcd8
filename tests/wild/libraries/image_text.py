"""open_clip: towers for images and text."""

from __future__ import annotations

from tests.wild.case import Library, small
from tests.wild.libraries.stacks import VISION

MODELS = {"ViT-S-32": 224, "RN50": 224, "convnext_tiny": 224, "coca_base": 288, "ViT-B-32": 224}

LIBRARY = Library(
    name="open_clip",
    module="open_clip",
    environment="vision",
    requirements=(*VISION, "open_clip_torch"),
    setup="import open_clip",
    cases=tuple(
        small(
            name,
            f"open_clip.create_model({name!r}, pretrained=None).eval()",
            f"torch.randn(2, 3, {size}, {size})",
            "torch.randint(1, 40000, (2, 76 if 'coca' in " + repr(name) + " else 77))",
        )
        for name, size in MODELS.items()
    ),
)
