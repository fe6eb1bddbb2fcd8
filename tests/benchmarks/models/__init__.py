"""The models to measure: each ends in a data-dependent guard with a `NUMBER` to edit."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
MODELS = ("mlp", "convolutional", "vit", "transformer", "llama")
GUARD = "picked.shape[0] == NUMBER"


def model_text(name: str, number: int) -> str:
    """Return the text of a model's file whose guard compares with `number`.

    The number must be smaller than the number of elements, or torch knows the answer.
    """
    text = (HERE / f"{name}.py").read_text(encoding="utf-8")
    return text.replace(f"if {GUARD}", f"if picked.shape[0] == {number}")
