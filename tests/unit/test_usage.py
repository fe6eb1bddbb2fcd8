"""Example inputs that are read from the code of a project."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from export_lsp.engine.declaring.models import undeclared
from export_lsp.fixes.example_inputs.guess import Guess
from export_lsp.fixes.usage.guesses import guesses_at
from export_lsp.fixes.usage.project import Project
from export_lsp.fixes.usage.uses import Uses
from export_lsp.source import Source

NET = """
    from torch import nn


    class Net(nn.Module):
        def __init__(self, width, depth=2):
            super().__init__()
            self.body = nn.Sequential(*(nn.Linear(width, width) for _ in range(depth)))

        def forward(self, x):
            return self.body(x.flatten(1))
"""

BATCH = """

class Batch:
    def __init__(self, x):
        self.x = x
"""


def project_of(files: Mapping[str, str], settings: Mapping[str, object] | None = None) -> Project:
    sources = [
        Source(f"/project/{name}", "", textwrap.dedent(text)) for name, text in files.items()
    ]
    return Project.of(Path("/project"), sources, settings)


def first_guess(files: Mapping[str, str], settings: Mapping[str, object] | None = None) -> Guess:
    """Return the first guess at the inputs of the only model that needs a declaration."""
    project = project_of(files, settings)
    uses = Uses(project)
    models = undeclared(project, uses, sorted(project.files), ())
    [model] = [each for each in models if not each.left_out]
    return next(guesses_at(model.scope, project, uses))


USES = {
    "a script": (
        """
        import torch
        from net import Net

        WIDTH = 4 * 16

        def main():
            model = Net(WIDTH, depth=3).to("cuda").eval()
            x = torch.randn(8, WIDTH, device="cuda")
            x = x.to(model.device)
            print(model(x))
        """,
        "Net(64, depth=3)",
        "(torch.randn(8, 64),)",
    ),
    "a test with a fixture": (
        """
        import pytest
        import torch
        from net import Net

        @pytest.fixture(params=[1, 2])
        def net(width):
            return Net(width)

        @pytest.fixture
        def width():
            return 12

        def test_net(net, width):
            assert net(torch.rand(3, width)).ndim == 2
        """,
        "Net(12)",
        "(torch.rand(3, 12),)",
    ),
    "parametrized": (
        """
        import pytest
        import torch
        from net import Net

        @pytest.mark.parametrize("width, batch", [(6, 5), (7, 1)])
        def test_net(width, batch):
            Net(width)(torch.ones(batch, width))
        """,
        "Net(6)",
        "(torch.ones(5, 6),)",
    ),
    "a test case": (
        """
        import unittest
        import torch
        from net import Net

        class NetTest(unittest.TestCase):
            def setUp(self):
                self.net = Net(width=10)

            def test_net(self):
                self.net(torch.zeros((2, 10)))
        """,
        "Net(width=10)",
        "(torch.zeros((2, 10)),)",
    ),
    "arguments and a loader": (
        """
        import argparse
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        from tqdm import tqdm
        from net import Net

        def get_args():
            parser = argparse.ArgumentParser()
            parser.add_argument("--hidden-width", type=int, default=20)
            return parser.parse_args()

        def build(args):
            return Net(args.hidden_width)

        def epoch(model, batches):
            for index, (x, y) in enumerate(tqdm(batches)):
                model(x.cuda())

        if __name__ == "__main__":
            args = get_args()
            model = torch.nn.DataParallel(build(args))
            data = TensorDataset(torch.randn(1000, 20), torch.zeros(1000))
            epoch(model, DataLoader(data, batch_size=32))
        """,
        "Net(20)",
        "(torch.randn(2, 20),)",
    ),
    "torchvision": (
        """
        from torch.utils.data import DataLoader
        from torchvision import datasets, transforms
        from net import Net

        transform = transforms.Compose([transforms.Resize(16), transforms.ToTensor()])
        train = datasets.MNIST("data", train=True, transform=transform)
        model = Net(256)
        images, labels = next(iter(DataLoader(train, 64)))
        model(images)
        """,
        "Net(256)",
        "(torch.randn(2, 1, 16, 16),)",
    ),
    "an export": (
        """
        import torch
        from net import Net

        net = Net(9)
        inputs = (torch.randn(1, 9),)
        torch.onnx.export(net, inputs, "net.onnx", input_names=["x"])
        """,
        "Net(9)",
        "(torch.randn(1, 9),)",
    ),
    "a configuration class": (
        """
        from dataclasses import dataclass
        import torch
        from net import Net

        @dataclass
        class Config:
            width: int = 8
            depth: int = 1

        def test_net():
            config = Config(depth=5)
            net = Net(config.width, depth=config.depth)
            net(torch.randn(2, config.width))
        """,
        "Net(8, depth=5)",
        "(torch.randn(2, 8),)",
    ),
}


@pytest.mark.parametrize(("text", "model", "args"), USES.values(), ids=list(USES))
def test_a_use_tells_how_a_model_is_made_and_called(text: str, model: str, args: str) -> None:
    guess = first_guess({"net.py": NET, "other.py": text})
    assert (guess.model, guess.shown_args) == (model, args)
    assert all(origin.startswith("other.py:") for origin in guess.origins)


def test_a_configuration_file_tells_arguments() -> None:
    script = """
        import json
        from net import Net

        def main(path):
            config = json.load(open(path))
            return Net(**config["model"])
    """
    settings = {"/project/configs/small.json": {"model": {"width": 24, "depth": 1}}}
    guess = first_guess({"net.py": NET, "train.py": script}, settings)
    assert guess.model == "Net(width=24, depth=1)"


def test_entries_that_a_configuration_lacks_have_their_defaults() -> None:
    script = """
        import yaml
        from net import Net

        def load(path):
            with open(path) as stream:
                return yaml.safe_load(stream)

        def build(cfg):
            return Net(cfg["width"], depth=cfg.get("depth", 3))

        if __name__ == "__main__":
            build(load("small.yaml"))
    """
    guess = first_guess({"net.py": NET, "train.py": script}, {"/project/small.yaml": {"width": 5}})
    assert guess.model == "Net(5, depth=3)"


def test_a_class_of_the_models_own_file_needs_no_import() -> None:
    script = """
        import torch
        from net import Batch, Net

        net = Net(4)
        net(Batch(torch.ones(1, 4)))
    """
    guess = first_guess({"net.py": textwrap.dedent(NET) + BATCH, "main.py": script})
    assert (guess.shown_args, guess.imports) == ("(Batch(torch.ones(1, 4)),)", ("import torch",))


def test_what_only_a_run_knows_is_left_to_guesses() -> None:
    script = """
        import sys, torch
        from net import Net

        net = Net(int(sys.argv[1]))
        net(torch.load("x.pt"))
    """
    guess = first_guess({"net.py": NET, "train.py": script})
    assert guess.model == "Net(width=8)"
    assert "load" not in guess.shown_args


def test_a_part_of_another_model_needs_no_declaration() -> None:
    whole = """
        from torch import nn
        from net import Net

        class Whole(nn.Module):
            def __init__(self):
                super().__init__()
                self.net = Net(4)

            def forward(self, x):
                return self.net(x)
    """
    project = project_of({"net.py": NET, "whole.py": whole})
    models = undeclared(project, Uses(project), sorted(project.files), ())
    assert [(each.name, each.left_out) for each in models] == [
        ("Net", "a part of Whole"),
        ("Whole", ""),
    ]


DOCUMENTED = {
    "a docstring": '"""Encode x: (batch, time, 80)."""',
    "Google's style": '"""Encode.\n\n    Args:\n        x (Tensor): Of [B, T, 80].\n    """',
    "a comment": "# x: (B, T, 80)",
    "an unpacked shape": "b, t, c = x.shape",
}


@pytest.mark.parametrize("text", DOCUMENTED.values(), ids=list(DOCUMENTED))
def test_documented_dimensions(text: str) -> None:
    file = f"""\
from torch import nn

class Encoder(nn.Module):
    def __init__(self, channels=80):
        super().__init__()
        self.channels = channels

    def forward(self, x):
        {text}
        return x.mean(1)
"""
    assert first_guess({"encoder.py": file}).args == ["torch.randn(2, 4, 80)"]
