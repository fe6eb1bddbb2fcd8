"""Guesses at a model's inputs from its uses in a project, and from its class where these end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.fixes.example_inputs.constructor import instance_of, made_by
from export_lsp.fixes.example_inputs.guess import Guess
from export_lsp.fixes.example_inputs.guesses import guesses_for, guesses_of
from export_lsp.fixes.example_inputs.model_classes import Instance, ModelFile
from export_lsp.fixes.usage.expressions import Writer
from export_lsp.fixes.usage.project import Project
from export_lsp.fixes.usage.scopes import Scope
from export_lsp.fixes.usage.uses import Use, Uses


@dataclass(frozen=True)
class _Made:
    """A model as code makes it: its text, and the places that it is taken from."""

    instance: Instance
    text: str
    writer: Writer
    origins: tuple[str, ...]


def guesses_at(model: Scope, project: Project, uses: Uses) -> Iterator[Guess]:
    """Yield different guesses for a class of the project, the likeliest first.

    First come the models that code makes and calls with inputs that can be written down, then those
    that it makes, with inputs that suit their class, and then guesses from the class alone.
    """
    seen: list[Guess] = []
    for guess in _all(model, project, uses):
        known = any(
            (guess.model, guess.args, guess.kwargs) == (other.model, other.args, other.kwargs)
            for other in seen
        )
        if not known:
            seen.append(guess)
            yield guess


def _all(model: Scope, project: Project, uses: Uses) -> Iterator[Guess]:
    assert isinstance(model.node, ast.ClassDef)
    node, source = model.node, model.source
    if source.tree is None:
        return
    others = {name: each[0].node for name, each in project.classes.items()}
    classes = {name: each for name, each in others.items() if isinstance(each, ast.ClassDef)}
    file = ModelFile(source.tree, source.text, classes)
    likely = instance_of(node, file)
    written: list[_Made] = []
    for use in uses.of(model):
        writer = Writer(project, source.path)
        call = writer.write_call(use.made, node.name)
        if call is not None:
            place = project.shown(use.made.place.scope, use.made.place.line)
            made = _Made(made_by(node, call, file), _written(call), writer, (place,))
            written.append(made)
        elif likely is not None:
            made = _Made(likely, likely.text, writer, ())
        else:
            continue
        guess = _called(project, use, made) if use.called is not None else None
        if guess is not None:
            yield guess
    for made in written:
        for guess in guesses_of(made.instance, file):
            imported = tuple(made.writer.imports.values())
            yield Guess(made.text, guess.args, guess.kwargs, imported, made.origins)
    yield from guesses_for(node, file)


def _called(project: Project, use: Use, made: _Made) -> Guess | None:
    """Return the guess that a call of a model is; None if its inputs are known only to a run."""
    args = [made.writer.write(each) for each in use.args]
    kwargs = {name: made.writer.write(each) for name, each in use.keywords.items()}
    texts = [text(each) for each in args if each is not None]
    named = {name: text(each) for name, each in kwargs.items() if each is not None}
    if len(texts) < len(args) or len(named) < len(kwargs) or not (texts or named):
        return None
    assert use.called is not None
    origins = (*made.origins, project.shown(use.called.scope, use.called.line))
    imports = tuple(made.writer.imports.values())
    return Guess(made.text, texts, named, imports, tuple(dict.fromkeys(origins)))


def _written(call: ast.Call) -> str:
    """Return the text of a model: of one that is made without arguments its class."""
    return text(call if call.args or call.keywords else call.func)


def text(node: ast.expr) -> str:
    """Return the text of an expression, with double quotes where that changes nothing else."""
    written = ast.unparse(ast.fix_missing_locations(node))
    return written if '"' in written or "\\" in written else written.replace("'", '"')
