"""`declaration`: declare example inputs for a model that has none.

Of the remedy, `location` is the name of the model's class.  Sizes that the file does not tell are
guessed, and a trial shows whether the model runs with them.  A file that does more at import than
define things is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.class_syntax import enclosing_class
from export_lsp.fixes.example_inputs.guess import assignments
from export_lsp.fixes.example_inputs.guesses import guesses_for
from export_lsp.fixes.example_inputs.import_effects import only_defines
from export_lsp.fixes.example_inputs.model_classes import ModelFile
from export_lsp.fixes.example_inputs.placed import placed
from export_lsp.protocol import Remedy

GROUP = "the declaration"


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield declarations that differ in the guessed inputs."""
    source = sources[remedy.location.file]
    node = enclosing_class(source, remedy.location)
    if node is None or source.tree is None or not only_defines(source.tree):
        return
    file = ModelFile(source.tree, source.text)
    for guess in guesses_for(node, file):
        lines = assignments(guess, model_name=None if file.names_model else "model")
        edits = placed(source, remedy.location, lines)
        if edits is not None:
            title = f"Declare example inputs for `{node.name}`: `{guess.shown_args}`"
            yield Candidate(title, edits, group=GROUP, other_inputs=True)
