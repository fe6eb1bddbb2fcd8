"""Known ways out for failures inside of libraries, which their users cannot edit.

To add one, add a row to `WAYS_OUT`, and a test that follows its advice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from export_lsp.protocol import RuleCode


@dataclass(frozen=True)
class LibraryFailure:
    """A failure inside of a library: where it is, the failing expression, and torch's text."""

    package: str
    file: str
    function: str
    expression: str
    text: str

    @property
    def description(self) -> str:
        """All that the pattern of a `WayOut` is searched in, one part a line."""
        return "\n".join((self.file, self.function, self.expression, self.text))


@dataclass(frozen=True)
class WayOut:
    """What users of a package can do about a failure in it.

    `pattern` is searched in `LibraryFailure.description`.  `advice` is a sentence, or a clause to
    follow a semicolon.  `url` is the page of the package that the advice is taken from.
    """

    package: str
    pattern: re.Pattern[str]
    advice: str
    url: str


WAYS_OUT: tuple[WayOut, ...] = ()

UNKNOWN = "choose options of {package} that do not lead there, or try another version of it"


def way_out(failure: LibraryFailure, rule: RuleCode) -> WayOut:
    """Return what users of the library can do: the first row that fits, else general advice.

    What fails in eager mode too is more likely the fault of the call.
    """
    for known in WAYS_OUT:
        if known.package == failure.package and known.pattern.search(failure.description):
            return known
    advice = "" if rule == "forward-error" else UNKNOWN.format(package=failure.package)
    return WayOut(failure.package, re.compile(""), advice, "")
