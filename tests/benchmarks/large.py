"""Measure a check of a model with 30 billion parameters: its time and the run's peak memory.

Usage: ``python -m tests.benchmarks.large``.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from rich.console import Console

from export_lsp.stages import STAGES
from tests.benchmarks.side_by_side import PATIENCE
from tests.checking import Worker

MODEL = """\
import torch
from transformers import LlamaConfig, LlamaForCausalLM

config = LlamaConfig(
    hidden_size=6656,
    intermediate_size=17920,
    num_hidden_layers=60,
    num_attention_heads=52,
    use_cache=False,
)
model = LlamaForCausalLM(config)
print("parameters:", sum(part.numel() for part in model.parameters()))
example_args = (torch.ones(1, 16, dtype=torch.long),)
"""


def main() -> None:
    worker = Worker()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder).resolve() / "model.py"
        file.write_text(MODEL)
        started = time.perf_counter()
        # Without `decompose`, which takes minutes and no additional memory.
        exporting = STAGES[: STAGES.index("verify") + 1]
        checked = worker.check(file, timeout=PATIENCE, stages=exporting)
        seconds = time.perf_counter() - started
    worker.close()
    found = [finding.message for finding in checked.findings]
    Console().print(
        f"{checked.output.strip()}; {seconds:.0f} s for both modes up to the verifier, with the"
        f" import of transformers; peak memory {checked.peak_memory / 1e6:.0f} MB;"
        f" findings: {found}"
    )


if __name__ == "__main__":
    main()
