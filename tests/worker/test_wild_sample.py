"""A sample of the models that ``python -m tests.wild`` checks, in the tests' own environment."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.wild.case import files
from tests.wild.libraries import LIBRARIES
from tests.wild.results import Kept
from tests.wild.trial import check_cases

# Of each library some models, with the verdict.  Of transformers one of each family: an encoder, a
# decoder, a vision model with a dynamic batch, and a decoder whose output is a cache, which does
# not export.  Of the own ones those whose modes differ.
SAMPLE = {
    "transformers": {
        "BertModel": "silent",
        "LlamaForCausalLM (batch)": "silent",
        "ResNetModel (batch)": "silent",
        "LlamaForCausalLM with a cache": "told",
    },
    "exportdb": {"cond_operands": "silent", "dynamic_shape_round": "told"},
    "own": {
        "controls/mapped-with-state": "silent",
        "graph-break/mapped-layer": "told",
        "numerics-mismatch/autocast-region": "told",
        "unregistered-state/blocks-in-a-list": "told",
    },
}


@pytest.mark.parametrize("name", SAMPLE)
def test_what_is_reported_is_what_plain_torch_says(name: str, tmp_path: Path) -> None:
    library = LIBRARIES[name]
    cases = [file for file in files(library) if file.name in SAMPLE[name]]
    kept = Kept(tmp_path / "results.jsonl")
    asyncio.run(check_cases(library, cases, Path(sys.executable), tmp_path, kept))
    assert {result.name: result.verdict for result in kept.results} == SAMPLE[name]
