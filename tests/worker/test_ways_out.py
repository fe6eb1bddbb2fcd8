"""Each known way out of a failure in a library is named, and works when it is followed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from export_lsp.worker.text import ways_out
from tests.checking import Worker

QUANTIZED = """
import torch
from torch import nn
from torch.ao.quantization import FakeQuantize, MovingAverageMinMaxObserver


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = {activation}
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.fc(self.act(x))


model = Model()
example_args = (torch.randn(3, 4),)
"""

SAMPLED = """
import torch
from torch import nn
from torch.distributions import Normal


class Model(nn.Module):
    def forward(self, mean, x):
        return Normal(mean, 1.0{options}).log_prob(x)


model = Model()
example_args = (torch.randn(3), torch.randn(3))
"""

TRANSFORMERS = """
import torch
import transformers

small = dict(vocab_size=99, hidden_size=32, num_hidden_layers=1, num_attention_heads=2)
gpt = dict(vocab_size=99, n_embd=32, n_layer=1, n_head=2, bos_token_id=1, eos_token_id=1)
model = transformers.{model}.eval()
{after}
example_args = (torch.ones(2, 8, dtype=torch.long),)
"""

GPT = "GPT2LMHeadModel(transformers.GPT2Config({options}**gpt))"
MIXTRAL = (
    "MixtralForCausalLM(transformers.MixtralConfig(num_local_experts=4, num_key_value_heads=2,"
    " intermediate_size=64, use_cache=False, {options}**small))"
)
REGISTERED = (
    "from transformers.exporters.exporter_dynamo import register_cache_pytrees_for_model\n"
    "register_cache_pytrees_for_model(model)"
)


def of_transformers(model: str, options: str, after: str = "") -> str:
    return TRANSFORMERS.format(model=model.format(options=options), after=after)


@dataclass(frozen=True)
class Case:
    """A model that fails, words of the advice, and the models that follow it."""

    fails: str
    advice: str
    url: str
    mended: tuple[str, ...]


CASES = {
    "fake quantization": Case(
        QUANTIZED.format(
            activation="FakeQuantize(MovingAverageMinMaxObserver, quant_min=0, quant_max=255)"
        ),
        "(PT2E)",
        ways_out.QUANTIZATION,
        (QUANTIZED.format(activation="nn.Identity()"),),
    ),
    "distributions": Case(
        SAMPLED.format(options=""),
        "`validate_args=False`",
        ways_out.DISTRIBUTIONS,
        (SAMPLED.format(options=", validate_args=False"),),
    ),
    "experts": Case(
        of_transformers(MIXTRAL, 'experts_implementation="eager", '),
        '`experts_implementation="batched_mm"` (or `"grouped_mm"`)',
        ways_out.EXPERTS,
        tuple(
            of_transformers(MIXTRAL, f'experts_implementation="{name}", ')
            for name in ("batched_mm", "grouped_mm")
        ),
    ),
    "attention": Case(
        of_transformers(GPT, "use_cache=False, "),
        '`attn_implementation="eager"`',
        ways_out.ATTENTION,
        (of_transformers(GPT, 'use_cache=False, attn_implementation="eager", '),),
    ),
    "caches": Case(
        of_transformers(GPT, 'attn_implementation="eager", '),
        "Set `use_cache=False`, or register transformers' caches",
        ways_out.CACHES,
        (
            of_transformers(GPT, 'attn_implementation="eager", use_cache=False, '),
            of_transformers(GPT, 'attn_implementation="eager", ', REGISTERED),
        ),
    ),
}


def test_every_row_has_a_case() -> None:
    rows = (*ways_out.WAYS_OUT, *ways_out.OUTPUT_TYPES)
    assert {row.url for row in rows} == {case.url for case in CASES.values()}


@pytest.mark.parametrize("name", CASES)
def test_the_way_out_is_named_and_works(name: str, tmp_path: Path, worker: Worker) -> None:
    case = CASES[name]
    file = tmp_path / "fails.py"
    file.write_text(case.fails)
    finding = worker.check(file).findings[0]
    assert case.advice in finding.message
    assert finding.url == case.url
    for number, text in enumerate(case.mended):
        mended = tmp_path / f"mended_{number}.py"
        mended.write_text(text)
        assert worker.check(mended).findings == []
