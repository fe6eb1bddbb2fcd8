"""Measure checks of models that no machine can run, beside plain exports of the same fake models.

The models are those of `tests/worker/large_models`, and a configuration of 30 billion parameters,
which is checked up to the verifier: its decomposition takes minutes and no additional memory.

Usage: ``python -m tests.benchmarks.large [MODEL…]``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from export_lsp.protocol import MODES
from export_lsp.stages import DEFAULT_STAGES, STAGES
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution import device
from export_lsp.worker.stages import load
from export_lsp.worker.system.forked_call import call_in_fork
from export_lsp.worker.targets import discover
from export_lsp.worker.user_code.workspace import Workspace
from tests.benchmarks.side_by_side import PATIENCE
from tests.both_ways import warm_up
from tests.checking import Worker

FILES = Path(__file__).parents[1] / "worker" / "large_models"

LLAMA = """\
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
example_args = (torch.ones(1, 16, dtype=torch.long),)
"""


@dataclass(frozen=True)
class Measured:
    """The seconds of the plain exports by mode, those of the check, and its peak memory in bytes.

    `plain` has no entry for a mode in which the model does not export.
    """

    plain: dict[str, float]
    check: float
    peak_memory: int

    @property
    def ratio(self) -> float | None:
        """The check's time divided by the time of both exports; None if one of them fails."""
        both = sum(self.plain.values())
        return self.check / both if len(self.plain) == len(MODES) else None


def plain_exports(file: Path) -> dict[str, float]:
    """Export a file's model, built with fake tensors, with torch alone; return the seconds.

    Runs in a fork: it imports the file.
    """
    os.chdir(file.parent)
    sys.path.insert(0, str(file.parent))
    with device.build_context("fake"):
        module = load.import_file(str(file))
        [target] = discover(module, Workspace(str(file.parent)).read(str(file)), ())
        built = _built(target)
    found: dict[str, float] = {}
    for mode in MODES:
        started = time.perf_counter()
        try:
            torch.export.export(
                built.model,
                built.args,
                built.kwargs,
                dynamic_shapes=built.dynamic_shapes,
                strict=mode == "strict",
            )
        except Exception:
            continue
        found[mode] = time.perf_counter() - started
    return found


def _built(target: Target) -> Built:
    return Built(target.model(), target.args(), target.kwargs(), target.dynamic_shapes())


def measure(worker: Worker, file: Path, stages: tuple[str, ...]) -> Measured:
    plain = call_in_fork(lambda: plain_exports(file), timeout=PATIENCE)
    started = time.perf_counter()
    checked = worker.check(file, timeout=PATIENCE, stages=stages)
    return Measured(plain or {}, time.perf_counter() - started, checked.peak_memory)


def cases(folder: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield the files with the stages that their checks carry out."""
    for file in sorted(FILES.glob("*.py")):
        yield file, DEFAULT_STAGES
    llama = folder / "llama_30b.py"
    llama.write_text(LLAMA)
    yield llama, STAGES[: STAGES.index("verify") + 1]


def report(measured: dict[str, Measured]) -> Table:
    table = Table(title="Checks of large models beside plain exports of the same fake models")
    for column in ("model", "non-strict, s", "strict, s", "check, s", "check ÷ both", "peak, MB"):
        table.add_column(column, justify="left" if column == "model" else "right")
    for name, row in measured.items():
        plain = [f"{row.plain[mode]:.1f}" if mode in row.plain else "fails" for mode in MODES]
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else "–"
        table.add_row(name, *plain, f"{row.check:.1f}", ratio, f"{row.peak_memory / 1e6:.0f}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="Checks of models that no machine can run.")
    parser.add_argument("models", nargs="*", help="names of files, all by default")
    wanted = parser.parse_args().models
    worker = Worker()
    warm_up()
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        for file, stages in cases(Path(folder).resolve()):
            if not wanted or file.stem in wanted:
                measured[file.stem] = measure(worker, file, stages)
    worker.close()
    Console(width=120).print(report(measured))


if __name__ == "__main__":
    main()
