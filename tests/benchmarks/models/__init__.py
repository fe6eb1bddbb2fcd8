"""The models that are timed: each ends in a guard on data, which an edit of `NUMBER` changes."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
MODELS = ("mlp", "convolutional", "vit", "transformer", "llama")
GUARD = "picked.shape[0] == NUMBER"


def saved(name: str, number: int) -> str:
    """The model's file with a body that has this number, which should be one of few elements."""
    text = (HERE / f"{name}.py").read_text(encoding="utf-8")
    return text.replace(f"if {GUARD}", f"if picked.shape[0] == {number}")
