"""A sample of the models that ``python -m tests.wild`` checks, in the tests' own environment."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.wild.__main__ import Kept, check_cases
from tests.wild.case import files
from tests.wild.libraries import LIBRARIES

# One of each family: an encoder, a decoder, a vision model with a dynamic batch, and a decoder
# whose output is a cache, which does not export.
SAMPLE = (
    "BertModel",
    "LlamaForCausalLM (batch)",
    "ResNetModel (batch)",
    "LlamaForCausalLM with a cache",
)


def test_what_is_reported_is_what_plain_torch_says(tmp_path: Path) -> None:
    library = LIBRARIES["transformers"]
    cases = [file for file in files(library) if file.name in SAMPLE]
    kept = Kept(tmp_path / "results.jsonl")
    asyncio.run(check_cases(library, cases, Path(sys.executable), tmp_path, kept))
    verdicts = {result.name: result.verdict for result in kept.results}
    assert verdicts == {name: "told" if "cache" in name else "silent" for name in SAMPLE}
