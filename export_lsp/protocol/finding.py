"""A failure that a check has found, and ideas for its fix."""

from __future__ import annotations

from dataclasses import dataclass, field

from export_lsp.protocol.places import Location, Related, Replacement
from export_lsp.protocol.vocabulary import Mode, RemedyKind, RuleCode
from export_lsp.stages import Stage


@dataclass(frozen=True)
class Remedy:
    """An idea for a fix of a finding, in the user's names; nothing has been tried yet.

    `location` is the code that it is about, `text` the condition or the expression to write, `also`
    further replacements.  Remedies with the same `group` are ways to write one thing: only the
    first that works is offered.  `title` says what the remedy does if its kind and text do not:
    imperative, code in backticks, no full stop.  `data` depends on the kind.
    """

    kind: RemedyKind
    location: Location
    text: str = ""
    also: tuple[Replacement, ...] = ()
    group: str = ""
    title: str = ""
    data: dict[str, str] = field(default_factory=dict)


def as_message(title: str, explanation: str) -> str:
    """Return the two parts of a message as one text, each on a line of its own."""
    return f"{title}\n{explanation}" if explanation else title


@dataclass(frozen=True)
class Finding:
    """One failure of one target in one mode.

    `modes` is empty for a stage that is the same in both modes.  `title` says what is wrong and
    with which expression, in at most `titles.LENGTH` characters; `explanation` says why, and what
    to do, in whole sentences.  Both use the user's own names.  `detail` is torch's full text.
    `url` is the best page about the failure, None for the rule's.  `silent` is set if torch.export
    succeeds all the same and does not report it, `alone` if the other mode's trace got past the
    location.  `limit` is set if the check had too little time or memory; once the model has been
    exported, that says nothing about it.  `remedies` are in the order of how likely they help.
    `library` is the failing expression if that is a library's; `location` is then the user's call
    that leads to it.
    """

    rule: RuleCode
    stage: Stage
    modes: tuple[Mode, ...]
    target: str
    location: Location
    title: str
    explanation: str = ""
    related: tuple[Related, ...] = ()
    detail: str = ""
    url: str | None = None
    data: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    alone: bool = False
    limit: bool = False
    remedies: tuple[Remedy, ...] = ()
    library: Location | None = None

    @property
    def message(self) -> str:
        """The title, and the explanation on a line of its own."""
        return as_message(self.title, self.explanation)

    @property
    def blamed(self) -> Location:
        """The failing expression, be it the user's or a library's."""
        return self.library or self.location
