"""Guesses at a model's inputs from its class alone, the likeliest first."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.example_inputs.constructor import instance_of
from export_lsp.fixes.example_inputs.guess import Guess
from export_lsp.fixes.example_inputs.inputs import Input, required_inputs
from export_lsp.fixes.example_inputs.model_classes import Instance, ModelFile


def guesses_for(node: ast.ClassDef, file: ModelFile) -> Iterator[Guess]:
    """Yield guesses at how to make a model of a class, and what to call it with."""
    model = instance_of(node, file)
    if model is not None:
        yield from guesses_of(model, file)


def guesses_of(model: Instance, file: ModelFile) -> Iterator[Guess]:
    """Yield guesses at the inputs of a model that is made in a certain way."""
    inputs = required_inputs(model, file)
    for chosen in _choices(inputs or []):
        args = [text for each, text in chosen if not each.by_keyword]
        kwargs = {each.name: text for each, text in chosen if each.by_keyword}
        yield Guess(model.text, args, kwargs)


def _choices(inputs: list[Input]) -> Iterator[list[tuple[Input, str]]]:
    """Yield the likeliest expression of every input, then the next ones of those with more."""
    for turn in range(max((len(each.expressions) for each in inputs), default=0)):
        yield [(each, each.expressions[min(turn, len(each.expressions) - 1)]) for each in inputs]
