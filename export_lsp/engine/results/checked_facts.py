"""The facts of an owner's newest result that its verdict follows from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from export_lsp.engine.results.anchored import Anchored
from export_lsp.engine.results.kinds import FINDING, OUTCOME
from export_lsp.engine.results.owner_result import OwnerResult
from export_lsp.engine.results.store import Results
from export_lsp.findings import Problem, merge
from export_lsp.ignores import Ignores
from export_lsp.protocol import Outcome
from export_lsp.settings import Settings
from export_lsp.verdicts.files import FileFacts
from export_lsp.verdicts.targets import TargetFacts, severe


def outcomes_of(result: OwnerResult) -> dict[str, Anchored[Outcome]]:
    """Return the newest outcome of each target, by the target's name."""
    return {each.value.target: each.anchored for each in result.of(OUTCOME)}


def facts_of(
    owner: Path, results: Results, settings: Settings, *, unchecked: str, outdated: bool
) -> FileFacts:
    """Return the facts of an owner whose check has ended.

    They are those of the texts that were checked: edits since then change nothing.

    Args:
        owner: The owner.
        results: The results of its folder.
        settings: They decide the severities, or that a rule is off.
        unchecked: The reason if the owner declares no target.
        outdated: True if a file has changed since the check.
    """
    result = results[owner]
    reported = result.of(FINDING)
    merged = merge(
        [each.value for each in reported],
        modes=settings.modes,
        severities=settings.severities,
        target_modes=results.target_modes(),
    )
    texts = {file: lines for each in reported for file, lines in each.anchored.texts.items()}
    ignores = Ignores(lambda file: texts.get(file, ()))
    shown = ignores.remaining(merged)
    ignored = [each for each in merged if each not in shown]
    own = tuple(problem for problem in shown if not problem.targets)
    outcomes = outcomes_of(result)
    names = (
        () if not outcomes and severe(own) else tuple(dict.fromkeys([*result.targets, *outcomes]))
    )
    return FileFacts(
        targets=tuple(
            TargetFacts(
                name,
                outcomes[name].value if name in outcomes else None,
                _of_target(shown, results.label(owner, name)),
                len(_of_target(ignored, results.label(owner, name))),
                outdated,
            )
            for name in names
        ),
        problems=own,
        unchecked=unchecked,
        outdated=outdated,
    )


def _of_target(problems: Iterable[Problem], label: str) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if label in problem.targets)
