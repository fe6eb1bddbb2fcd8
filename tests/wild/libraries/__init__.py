"""The libraries whose models are checked: a module for each, with its `LIBRARY`."""

from __future__ import annotations

from tests.wild.case import Library
from tests.wild.libraries import (
    diffusion,
    exportdb,
    geometric,
    huggingface,
    image_models,
    image_text,
    kornia_models,
    own_models,
    segmentation,
    torch_tests,
    vision,
    vit_variants,
    x_transformers_models,
)

LIBRARIES: dict[str, Library] = {
    module.LIBRARY.name: module.LIBRARY
    for module in (
        image_models,
        vision,
        huggingface,
        diffusion,
        vit_variants,
        x_transformers_models,
        segmentation,
        image_text,
        geometric,
        kornia_models,
        torch_tests,
        exportdb,
        own_models,
    )
}
