"""torchvision: classification, segmentation, detection, video and optical flow."""

from __future__ import annotations

from tests.wild.case import Case, Library, small
from tests.wild.libraries.stacks import VISION

CLASSIFICATION = (
    "alexnet densenet121 efficientnet_b0 efficientnet_v2_s mnasnet0_5 mobilenet_v2"
    " mobilenet_v3_small regnet_x_400mf regnet_y_400mf resnet18 resnext50_32x4d wide_resnet50_2"
    " shufflenet_v2_x0_5 squeezenet1_0 vgg11 vgg11_bn convnext_tiny"
)
SIZED = {
    "googlenet": ("googlenet(aux_logits=False, init_weights=False)", 96),
    "inception_v3": ("inception_v3(aux_logits=False, init_weights=False)", 128),
    "swin_t": ("swin_t()", 64),
    "swin_v2_t": ("swin_v2_t()", 64),
    "maxvit_t": ("maxvit_t()", 224),
    "vit_b_16": ("vit_b_16(image_size=64)", 64),
}
SEGMENTATION = "fcn_resnet50 deeplabv3_mobilenet_v3_large lraspp_mobilenet_v3_large"
VIDEO = "r3d_18 mc3_18 r2plus1d_18 s3d"
DETECTION = (
    "fasterrcnn_mobilenet_v3_large_320_fpn retinanet_resnet50_fpn ssdlite320_mobilenet_v3_large"
    " maskrcnn_resnet50_fpn keypointrcnn_resnet50_fpn fcos_resnet50_fpn"
)


def _cases() -> tuple[Case, ...]:
    models = "torchvision.models"
    image = "torch.randn(2, 3, {0}, {0})"
    cases = [
        small(name, f"{models}.{name}().eval()", image.format(64))
        for name in CLASSIFICATION.split()
    ]
    cases += [
        small(name, f"{models}.{call}.eval()", image.format(size))
        for name, (call, size) in SIZED.items()
    ]
    cases += [
        small(
            name,
            f"{models}.segmentation.{name}(weights_backbone=None).eval()",
            image.format(64),
        )
        for name in SEGMENTATION.split()
    ]
    cases += [
        small(name, f"{models}.video.{name}().eval()", "torch.randn(2, 3, 16, 64, 64)")
        for name in VIDEO.split()
    ]
    cases += [
        small(
            name,
            f"{models}.detection.{name}(weights=None, weights_backbone=None).eval()",
            "[torch.rand(3, 64, 64)]",
            dynamic=None,
        )
        for name in DETECTION.split()
    ]
    cases.append(
        small(
            "raft_small",
            f"{models}.optical_flow.raft_small(weights=None).eval()",
            image.format(128),
            image.format(128),
        )
    )
    return tuple(cases)


LIBRARY = Library(
    name="torchvision",
    module="torchvision",
    environment="vision",
    requirements=VISION,
    setup="import torchvision",
    cases=_cases(),
)
