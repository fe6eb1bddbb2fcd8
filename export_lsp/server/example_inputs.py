"""Adds example inputs to a file on request: looks for them, and has the user confirm the edit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.checker import Checker
from export_lsp.engine.declaring.changes import file_edits
from export_lsp.engine.declaring.declare import Trying, declare
from export_lsp.engine.declaring.models import Model, undeclared
from export_lsp.engine.declaring.project_files import read_project
from export_lsp.engine.declaring.search import Outcome
from export_lsp.engine.runs import run_numbers
from export_lsp.fixes.usage.project import Project
from export_lsp.fixes.usage.uses import Uses
from export_lsp.server.editor.client import Client
from export_lsp.server.editor.documents import Documents
from export_lsp.server.editor.text_edits import is_saved, text_edits
from export_lsp.server.searches import Searches

# The label of the edit, by which an editor's plugin knows it.
LABEL = "Add example inputs"


class ExampleInputs:
    """Looks for example inputs of the models in files of one folder.

    Args:
        folder: The folder.
        checker: Carries out the trials.
        client: Shows the progress and the edit.
        documents: The open documents.
    """

    def __init__(
        self, folder: Path, checker: Checker, client: Client, documents: Documents
    ) -> None:
        self._folder = folder
        self._checker = checker
        self._client = client
        self._documents = documents
        self._searches = Searches[list[Outcome]](client, "Looking for example inputs of")

    async def offer(self, file: Path) -> None:
        """Look for example inputs of a file's models, and propose the edit that declares them."""
        if file in self._searches:
            return
        project, uses, models = await asyncio.to_thread(self._models, file)
        wanted = [model for model in models if not model.left_out]
        if not wanted:
            self._tell(_nothing(file, models))
            return
        if not is_saved(self._documents, file):
            self._tell(f"Save {file.name} first: inputs are tried with the file on disk.")
            return
        outcomes = await self._outcomes(file, wanted, project, uses)
        if not outcomes:
            return
        edits = file_edits([(each.model, each.guess) for each in outcomes])
        if not edits:
            self._tell(f"Nothing can be added to {file.name}.")
        else:
            for outcome in outcomes:
                if outcome.guess is None:
                    self._tell(_not_found(outcome))
            await self._client.propose(
                LABEL, _description(outcomes), text_edits(self._documents, edits)
            )

    def _models(self, file: Path) -> tuple[Project, Uses, list[Model]]:
        """Read the project and select the models of the file; runs in a thread."""
        project = read_project(self._folder, self._checker.settings.exclude, [file])
        uses = Uses(project)
        models = undeclared(project, uses, [str(file)], [str(file)])
        declared = file in self._checker.resolved.targets
        return project, uses, [] if declared else list(models)

    async def _outcomes(
        self, file: Path, models: Sequence[Model], project: Project, uses: Uses
    ) -> list[Outcome] | None:
        """Try the guesses; None if the user has cancelled the search."""
        checker = self._checker
        check = checker.resolved.check(self._folder, file, next(run_numbers))
        work = declare(
            models,
            project,
            uses,
            lambda model: Trying(check, checker.carry_out),
            "file",
            lambda model, count: self._searches.tell(file, f"{model.name} with inputs {count}"),
        )
        return await self._searches.run(file, work)

    def _tell(self, text: str) -> None:
        self._client.show(types.MessageType.Info, text)


def _nothing(file: Path, models: Sequence[Model]) -> str:
    """Say why there is nothing to add."""
    if models:
        last = models[-1]
        return f"{last.name} needs no example inputs: it is {last.left_out}."
    return f"{file.name} has no model without example inputs."


def _not_found(outcome: Outcome) -> str:
    why = f": {outcome.refusal}" if outcome.refusal else ""
    return f"No inputs were found that {outcome.model.name} runs with; fill in the skeleton{why}."


def _description(outcomes: Sequence[Outcome]) -> str:
    """Say where the inputs are taken from."""
    origins = [origin for each in outcomes if each.guess for origin in each.guess.origins]
    return f"as in {', '.join(dict.fromkeys(origins))}" if origins else "guessed from the class"
