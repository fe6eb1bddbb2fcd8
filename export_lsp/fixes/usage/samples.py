"""The samples of torchvision's datasets, and the sizes that transforms give them."""

from __future__ import annotations

import ast

from export_lsp.fixes.usage.project import last_name
from export_lsp.fixes.usage.scopes import Scope
from export_lsp.fixes.usage.tensors import BATCH

# Classes and functions whose items are those of their first argument.
WITH_SAME_ITEMS = frozenset(("Subset", "random_split", "ConcatDataset", "ChainDataset"))

# The channels, height and width of the images, and the number of classes.
KNOWN_DATASETS: dict[str, tuple[int, int, int, int]] = {
    "MNIST": (1, 28, 28, 10),
    "FashionMNIST": (1, 28, 28, 10),
    "KMNIST": (1, 28, 28, 10),
    "EMNIST": (1, 28, 28, 26),
    "USPS": (1, 16, 16, 10),
    "CIFAR10": (3, 32, 32, 10),
    "CIFAR100": (3, 32, 32, 100),
    "SVHN": (3, 32, 32, 10),
    "STL10": (3, 96, 96, 10),
    "ImageNet": (3, 224, 224, 1000),
    "ImageFolder": (3, 224, 224, 10),
    "FakeData": (3, 224, 224, 10),
    "CelebA": (3, 218, 178, 2),
    "Flowers102": (3, 224, 224, 102),
    "Food101": (3, 224, 224, 101),
}
# Transforms that decide the size of images; the last one in the text counts.
_SIZING = ("Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop")


def known_sample(dataset: ast.Call, position: int, module: Scope) -> ast.expr | None:
    """Return a batch of images of a known dataset at position 0, of labels at position 1.

    Args:
        dataset: The call that makes it.
        position: Of the part of its items.
        module: The file, whose transforms are taken for those of the dataset.
    """
    channels, height, width, classes = KNOWN_DATASETS[last_name(dataset.func)]
    if position:
        return _expression(f"torch.randint(0, {classes}, ({BATCH},))")
    for scope in module.walk():
        for call in scope.calls:
            name = last_name(call.func)
            if name in _SIZING and call.args:
                height, width = _size(call.args[0]) or (height, width)
            if name == "Grayscale":
                channels = 1
    return _expression(f"torch.randn({BATCH}, {channels}, {height}, {width})")


def _size(node: ast.expr) -> tuple[int, int] | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    if isinstance(value, int):
        return value, value
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return value[0], value[1]
    return None


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
