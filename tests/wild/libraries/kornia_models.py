"""kornia: differentiable image operators as modules."""

from __future__ import annotations

from tests.wild.case import Case, Library, small
from tests.wild.libraries.stacks import VISION

IMAGE = "torch.rand(2, 3, 32, 32)"
GREY = "torch.rand(2, 1, 32, 32)"

OPERATORS = {
    "filters.GaussianBlur2d((3, 3), (1.5, 1.5))": IMAGE,
    "filters.Sobel()": IMAGE,
    "filters.Canny()": IMAGE,
    "filters.MedianBlur((3, 3))": IMAGE,
    "filters.Laplacian(3)": IMAGE,
    "filters.UnsharpMask((3, 3), (1.5, 1.5))": IMAGE,
    "filters.SpatialGradient()": IMAGE,
    "filters.BilateralBlur((3, 3), 0.1, (1.5, 1.5))": IMAGE,
    "color.RgbToGrayscale()": IMAGE,
    "color.RgbToHsv()": IMAGE,
    "color.RgbToLab()": IMAGE,
    "color.RgbToYcbcr()": IMAGE,
    "enhance.Normalize(torch.zeros(3), torch.ones(3))": IMAGE,
    "enhance.AdjustContrast(0.5)": IMAGE,
    "enhance.AdjustHue(0.2)": IMAGE,
    "geometry.Rotate(torch.tensor([30.0]))": IMAGE,
    "geometry.Resize((16, 16))": IMAGE,
    "geometry.PyrDown()": IMAGE,
    "feature.CornerHarris(torch.tensor(0.04))": GREY,
    "feature.SIFTDescriptor(32)": GREY,
    "feature.HardNet(False)": GREY,
}


def _case(model: str, example: str) -> Case:
    return small(model.partition("(")[0], f"kornia.{model}.eval()", example)


LIBRARY = Library(
    name="kornia",
    module="kornia",
    environment="vision",
    requirements=(*VISION, "kornia"),
    setup="import kornia",
    cases=tuple(_case(model, example) for model, example in OPERATORS.items()),
)
