"""The changes of files that declare what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from export_lsp import regular_files
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.combined_fixes import CombinedFixes, FileChange
from export_lsp.cli.jobs import Job
from export_lsp.engine.declaring.changes import Style, file_edits, tables_text
from export_lsp.engine.declaring.search import Outcome
from export_lsp.fixes.edits import apply
from export_lsp.settings import pyproject, toml
from export_lsp.source import Source


@dataclass(frozen=True)
class Declarations:
    """Declarations to be written.

    Attributes:
        changes: The changes of files.
        edited: The files of the models that they declare, if only with placeholders.
    """

    changes: CombinedFixes
    edited: frozenset[str]


def declarations(
    outcomes: Sequence[Outcome], jobs: Mapping[str, Job], style: Style
) -> Declarations:
    """Return the declarations of outcomes.

    Raises:
        CannotRun: A pyproject.toml cannot be read, or not be extended.
    """
    if style == "pyproject":
        return _in_tables(outcomes, jobs)
    changes: dict[str, FileChange] = {}
    for file in dict.fromkeys(outcome.model.file for outcome in outcomes):
        own = [(each.model, each.guess) for each in outcomes if each.model.file == file]
        edits = file_edits(own)
        source = own[0][0].scope.source
        if edits:
            changes[file] = FileChange(source, apply(source, edits))
    return Declarations(CombinedFixes(len(changes), changes), frozenset(changes))


def _in_tables(outcomes: Sequence[Outcome], jobs: Mapping[str, Job]) -> Declarations:
    changes: dict[str, FileChange] = {}
    for folder in dict.fromkeys(jobs[each.model.file].folder for each in outcomes):
        own = [each for each in outcomes if jobs[each.model.file].folder == folder]
        source = pyproject_source(folder)
        text = tables_text(source.text, [(each.model, each.guess) for each in own], folder)
        changes[source.path] = FileChange(source, extended(source, text))
    edited = frozenset(each.model.file for each in outcomes)
    return Declarations(CombinedFixes(len(changes), changes), edited)


def extended(source: Source, text: str) -> str:
    """Return the new text of a pyproject.toml.

    Raises:
        CannotRun: It is no TOML: the old text defines the same table in another form.
    """
    try:
        toml.parsed(text)
    except toml.UnreadableError as error:
        raise CannotRun(f"{source.path} cannot be extended: {error}.") from error
    return text


def pyproject_source(folder: Path) -> Source:
    """Return the pyproject.toml of a folder; without a digest if there is none.

    Raises:
        CannotRun: It cannot be read.
    """
    file = folder / pyproject.NAME
    try:
        return Source.of(str(file), regular_files.read(file))
    except FileNotFoundError:
        return Source(str(file), "", "")
    except OSError as error:
        raise CannotRun(f"{file} cannot be read: {error.strerror}.") from error
    except (SyntaxError, UnicodeDecodeError) as error:
        raise CannotRun(f"{file} cannot be read: it is not UTF-8.") from error
