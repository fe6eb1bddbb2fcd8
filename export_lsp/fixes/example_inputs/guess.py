"""A guess at how to make a model and call it, and its text as a declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from export_lsp.fixes.placement.text_layout import LINE_WIDTH


@dataclass(frozen=True)
class Guess:
    """Expressions for a model and its example inputs, evaluated at the top level of its file.

    Attributes:
        model: The model, or its class if that needs no arguments.
        args: The positional inputs.
        kwargs: The other inputs by name.
        imports: The statements that the expressions need besides those of the file.
        origins: The places that they are taken from, as users write them; none if the class itself
            has told all that is known.
    """

    model: str
    args: Sequence[str]
    kwargs: Mapping[str, str] = field(default_factory=dict)
    imports: Sequence[str] = ()
    origins: Sequence[str] = ()

    @property
    def shown_args(self) -> str:
        """The positional inputs as a tuple."""
        return f"({self.args[0]},)" if len(self.args) == 1 else f"({', '.join(self.args)})"

    @property
    def shown_kwargs(self) -> str:
        """The other inputs as a dict."""
        return f"{{{', '.join(_entries(self.kwargs))}}}"


def assignments(guess: Guess, *, model_name: str | None = "model") -> list[str]:
    """Return the lines that declare one target; `model_name` is None if there is such a name."""
    lines = [] if model_name is None else _assignment(f"{model_name} = ", [guess.model], "")
    args = [*guess.args, ""] if len(guess.args) == 1 else guess.args
    lines += _assignment("example_args = (", args, ")")
    if guess.kwargs:
        lines += _assignment("example_kwargs = {", _entries(guess.kwargs), "}")
    return lines


def table(guesses: Mapping[str, Guess]) -> list[str]:
    """Return the lines of an ``export_targets`` that declares several targets by name."""
    lines = ["export_targets = {"]
    for name, guess in guesses.items():
        lines += [
            f'    "{name}": {{',
            f'        "model": lambda: {_instance(guess.model)},',
            f'        "args": lambda: {guess.shown_args},',
        ]
        if guess.kwargs:
            lines.append(f'        "kwargs": lambda: {guess.shown_kwargs},')
        lines.append("    },")
    return [*lines, "}"]


def _instance(model: str) -> str:
    return f"{model}()" if model.isidentifier() else model


def _entries(kwargs: Mapping[str, str]) -> list[str]:
    return [f'"{name}": {text}' for name, text in kwargs.items()]


def _assignment(head: str, items: Sequence[str], tail: str) -> list[str]:
    """Return an assignment of several items on one line, or on a line each if that is too wide."""
    line = f"{head}{', '.join(items).rstrip(' ')}{tail}"
    if len(line) <= LINE_WIDTH or not tail:
        return [line]
    return [head, *(f"    {item}," for item in items if item), tail]
