"""segmentation-models-pytorch: encoders and decoders."""

from __future__ import annotations

from tests.wild.case import Library, small
from tests.wild.libraries.stacks import VISION

ARCHITECTURES = "Unet UnetPlusPlus MAnet Linknet FPN PSPNet DeepLabV3 DeepLabV3Plus PAN UPerNet"
ENCODERS = ("resnet18", "mobilenet_v2", "efficientnet-b0")

LIBRARY = Library(
    name="segmentation-models-pytorch",
    module="segmentation_models_pytorch",
    environment="vision",
    requirements=(*VISION, "segmentation-models-pytorch"),
    setup="import segmentation_models_pytorch as smp",
    cases=(
        *tuple(
            small(
                f"{architecture} {encoder}",
                f"smp.{architecture}({encoder!r}, encoder_weights=None, classes=2).eval()",
                "torch.randn(2, 3, 64, 64)",
            )
            for architecture in ARCHITECTURES.split()
            for encoder in ENCODERS[: 3 if architecture == "Unet" else 1]
        ),
        small(
            "Segformer mit_b0",
            "smp.Segformer('mit_b0', encoder_weights=None, classes=2).eval()",
            "torch.randn(2, 3, 64, 64)",
        ),
    ),
)
