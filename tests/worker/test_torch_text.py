"""torch's text of a failure is the one that torch writes without this package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.checking import Worker
from tests.corpus_annotations import CORPUS
from tests.plain_export import MODES, PlainExport, ask

ADDRESS = re.compile(r"0x[0-9a-f]+")

QUANTIZED = """
import torch
from torch import nn
from torch.ao.quantization import FakeQuantize, MovingAverageMinMaxObserver


class Quantized(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = FakeQuantize(MovingAverageMinMaxObserver, quant_min=0, quant_max=255)
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.fc(self.act(x))  # the statement goes on


model = Quantized()
example_args = (torch.randn(3, 4),)
"""

# Exports, and fails to decompose in an operator that a method of the user's calls.
VIEWED = """
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention


class Attention(nn.Module):
    def forward(self, x):
        heads = x.view(2, 8, 2, 16).transpose(1, 2)
        attended = scaled_dot_product_attention(heads, heads, heads, is_causal=True)
        return self.joined(attended.transpose(1, 2).reshape(2, 8, 32).contiguous())

    def joined(self, x):
        return x.view(-1, 32) + 1, 2  # the statement goes on


model = Attention()
example_args = (torch.randn(2, 8, 32),)
"""

FILES = {
    "quantized.py": QUANTIZED,
    "viewed.py": VIEWED,
    **{
        Path(name).name.replace("-", "_"): (CORPUS / name).read_text()
        for name in (
            "data-dependent-guard/chunk-by-item.py",
            "data-dependent-guard/selection-in-submodule.py",
            "graph-break/wall-clock.py",
        )
    },
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, PlainExport]:
    folder = tmp_path_factory.mktemp("texts")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return ask([folder / name for name in FILES])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FILES)
def test_texts_are_torchs_own(
    name: str, mode: str, plain: dict[Path, PlainExport], worker: Worker
) -> None:
    [(file, exported)] = [each for each in plain.items() if each[0].name == name]
    step = next(iter(exported.failures[mode]), "")
    findings = [each for each in worker.check(file, modes=(mode,)).findings if not each.silent]
    if not step:
        assert findings == []
        return
    finding = findings[0]
    assert finding.stage == ("decompose" if step == "decompose" else finding.stage)
    theirs = {ADDRESS.sub("", line) for line in exported.text(mode, step).splitlines()}
    ours = {ADDRESS.sub("", line) for line in finding.detail.splitlines()}
    assert ours - theirs == set()
    assert "export_lsp" not in finding.detail
