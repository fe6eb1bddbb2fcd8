"""Public models that export: torch's exportdb and transformers."""

from __future__ import annotations

from pathlib import Path

from export_lsp.stages import STAGES
from tests.checking import Worker

EXPORTDB = """
from torch._export.db.examples import all_examples

export_targets = {
    name: {
        "model": case.model,
        "args": case.example_args,
        "kwargs": case.example_kwargs,
        "dynamic_shapes": case.dynamic_shapes,
    }
    for name, case in all_examples().items()
}
"""

PREAMBLE = """
import torch
import transformers

small = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
image = dict(image_size=32, patch_size=8, **small)
text = dict(vocab_size=99, **small)
ids = torch.ones(1, 8, dtype=torch.long)
pixels = torch.zeros(1, 3, 32, 32)
"""

# By architecture: the expression that builds it, and its example input.
ARCHITECTURES = {
    "ViT": ("ViTModel(transformers.ViTConfig(**image))", "pixels"),
    "DINOv2": ("Dinov2Model(transformers.Dinov2Config(**image))", "pixels"),
    "SigLIP": ("SiglipVisionModel(transformers.SiglipVisionConfig(**image))", "pixels"),
    "CLIP": ("CLIPVisionModel(transformers.CLIPVisionConfig(**image))", "pixels"),
    "BERT": ("BertModel(transformers.BertConfig(**text))", "ids"),
    "Llama": ("LlamaForCausalLM(transformers.LlamaConfig(use_cache=False, **text))", "ids"),
    "Qwen2": (
        "Qwen2ForCausalLM(transformers.Qwen2Config(use_cache=False, num_key_value_heads=2,"
        " **text))",
        "ids",
    ),
    "GPT-2": (
        "GPT2LMHeadModel(transformers.GPT2Config(vocab_size=99, n_embd=32, n_layer=2, n_head=2,"
        " bos_token_id=1, eos_token_id=1, use_cache=False))",
        "ids",
    ),
    "T5": (
        "T5EncoderModel(transformers.T5Config(vocab_size=99, d_model=32, d_ff=64, num_layers=2,"
        " num_heads=2, d_kv=16))",
        "ids",
    ),
    "ResNet": (
        "ResNetModel(transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16],"
        " depths=[1, 1]))",
        "torch.zeros(2, 3, 32, 32)",
    ),
    "ConvNeXt": (
        "ConvNextModel(transformers.ConvNextConfig(hidden_sizes=[8, 16], depths=[1, 1],"
        " num_stages=2))",
        "pixels",
    ),
    "Swin": (
        "SwinModel(transformers.SwinConfig(image_size=32, patch_size=4, embed_dim=16,"
        " depths=[1, 1], num_heads=[2, 2], window_size=4))",
        "pixels",
    ),
    "Wav2Vec2": ("Wav2Vec2Model(transformers.Wav2Vec2Config(**small))", "torch.zeros(1, 4000)"),
}

LLAMA_8B = """
import torch
from transformers import LlamaConfig, LlamaForCausalLM

config = LlamaConfig(
    hidden_size=4096,
    intermediate_size=14336,
    num_hidden_layers=32,
    num_attention_heads=32,
    num_key_value_heads=8,
    vocab_size=128256,
    use_cache=False,
)
model = LlamaForCausalLM(config)
assert sum(parameter.numel() for parameter in model.parameters()) >= 8_000_000_000
example_args = (torch.ones(1, 8, dtype=torch.long),)
"""


def test_exportdb_has_findings_only_for_the_model_that_fails(
    tmp_path: Path, worker: Worker
) -> None:
    file = tmp_path / "exportdb.py"
    file.write_text(EXPORTDB)
    checked = worker.check(file)
    assert {finding.target for finding in checked.findings} == {"dynamic_shape_round"}
    assert {finding.rule for finding in checked.findings} == {"constraint-violation"}


def test_transformers_have_no_findings(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "architectures.py"
    entries = [
        f"    {name!r}: {{'model': lambda: transformers.{model}.eval(), 'args': ({example},)}},\n"
        for name, (model, example) in ARCHITECTURES.items()
    ]
    file.write_text(f"{PREAMBLE}\nexport_targets = {{\n{''.join(entries)}}}\n")
    checked = worker.check(file)
    assert checked.findings == []
    assert "real parameters" not in checked.log


def test_eight_billion_parameters_in_less_than_a_gigabyte(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "llama.py"
    file.write_text(LLAMA_8B)
    # Without `decompose`, which takes minutes and no additional memory.
    exporting = STAGES[: STAGES.index("verify") + 1]
    checked = worker.check(file, timeout=600, stages=exporting)
    assert checked.findings == []
    assert checked.peak_memory < 1 << 30
