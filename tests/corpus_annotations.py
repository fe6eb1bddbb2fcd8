"""The annotations of the corpus: the findings that comments in a file state, and those reported.

`tests/corpus/README.md` describes the grammar.
"""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from export_lsp.protocol import MODES, Finding, Location

CORPUS = Path(__file__).parent / "corpus"

ANNOTATION = re.compile(
    r"#~(?P<next>v)?\s+(?P<rule>[a-z-]+)(?:\s+\((?P<mode>strict|non-strict)\))?"
    r"(?:\s+\[(?P<versions>[^\]`]*)\])?"
    r"\s+`(?P<text>.*?)`(?=\s*(?::|#~|$))(?::\s*(?P<words>.*?))?\s*(?=#~|$)"
)
COMPARISONS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CONDITION = re.compile(r"(?P<name>torch|python)(?P<compared>[<>]=?)(?P<version>\d+\.\d+)")
LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Versions:
    """The versions of an interpreter and of its torch, such as (2, 13) and (3, 11)."""

    torch: tuple[int, ...]
    python: tuple[int, ...]

    @property
    def has_columns(self) -> bool:
        """True if frames have columns; without them a failure is located by its line."""
        return self.python >= (3, 11)

    def meet(self, conditions: str) -> bool:
        """Return whether all conditions hold, such as ``torch<2.14 python>=3.11``.

        Raises:
            ValueError: a condition is misspelt.
        """
        for written in conditions.split():
            condition = CONDITION.fullmatch(written)
            if condition is None:
                raise ValueError(f"no condition on versions: {written}")
            installed = self.torch if condition["name"] == "torch" else self.python
            version = tuple(map(int, condition["version"].split(".")))
            if not COMPARISONS[condition["compared"]](installed, version):
                return False
        return True


# The versions that the corpus is written for; annotations mark differences in others.
CORPUS_VERSIONS = Versions((2, 13), (3, 11))


@dataclass(frozen=True)
class Expected:
    """One annotation: `line` is 0-based; `mode` is None if every mode that runs fails."""

    rule: str
    line: int
    text: str
    mode: str | None
    words: str

    def __str__(self) -> str:
        mode = f" ({self.mode})" if self.mode else ""
        return f"{self.line + 1}: {self.rule}{mode} `{self.text}`"


@dataclass(frozen=True)
class Reported:
    """One reported finding, in the terms of an annotation; `end_line` is its range's last line."""

    rule: str
    line: int
    text: str
    mode: str | None
    message: str
    end_line: int

    def __str__(self) -> str:
        mode = f" ({self.mode})" if self.mode else ""
        return f"{self.line + 1}: {self.rule}{mode} `{self.text}` {self.message}"


def read(path: Path) -> str:
    """Return the text of a corpus file, whose line ends may be of any kind."""
    return path.read_bytes().decode("utf-8-sig")


def installed() -> Versions:
    """Return the versions of the interpreter that runs this."""
    torch = tuple(map(int, metadata.version("torch").split(".")[:2]))
    return Versions(torch, sys.version_info[:2])


def expected_in(path: Path, versions: Versions | None = None) -> list[Expected]:
    """Return the annotations of a file for some versions, by default the installed ones."""
    versions = versions or installed()
    found = []
    for number, line in enumerate(LINE_END.split(read(path))):
        for match in ANNOTATION.finditer(line):
            if versions.meet(match["versions"] or ""):
                found.append(
                    Expected(
                        match["rule"],
                        number + 1 if match["next"] else number,
                        match["text"],
                        match["mode"],
                        (match["words"] or "").strip(),
                    )
                )
    return found


def reported(findings: Iterable[Finding], path: Path) -> list[Reported]:
    """Return the findings of a file as annotations state them: one for both modes."""
    lines = LINE_END.split(read(path))
    at_one_location: dict[tuple[str, Location], list[Finding]] = {}
    for finding in findings:
        at_one_location.setdefault((finding.rule, finding.location), []).append(finding)
    result = []
    for (rule, location), same in at_one_location.items():
        modes = {mode for finding in same for mode in finding.modes}
        result.append(
            Reported(
                rule,
                location.start.line,
                _text(location, lines),
                modes.pop() if len(modes) == 1 else None,
                same[0].message,
                location.end.line,
            )
        )
    return result


def _text(location: Location, lines: list[str]) -> str:
    first = lines[location.start.line]
    if location.end.line == location.start.line:
        return first[location.start.character : location.end.character]
    return first[location.start.character :].split("  #~")[0].rstrip() + " …"


def differences(
    path: Path, findings: Iterable[Finding], versions: Versions | None = None
) -> list[str]:
    """Return a line for each missing and each unexpected finding; none if all is as stated.

    Args:
        path: a file of the corpus.
        findings: the findings of its check.
        versions: those of the interpreter that checked it, by default the installed ones.
    """
    versions = versions or installed()
    expected, found = expected_in(path, versions), reported(findings, path)
    if versions.has_columns:
        missing, surplus = _unpaired(expected, found)
    else:
        missing, surplus = _on_other_lines(expected, found)
    return [f"missing {item}" for item in missing] + [f"unexpected {item}" for item in surplus]


def _unpaired(
    expected: list[Expected], found: list[Reported]
) -> tuple[list[Expected], list[Reported]]:
    missing, surplus = list(expected), []
    for item in found:
        match = next((each for each in missing if _fits(each, item)), None)
        if match is None:
            surplus.append(item)
        else:
            missing.remove(match)
    return missing, surplus


def _fits(expected: Expected, item: Reported) -> bool:
    return (
        expected.rule == item.rule
        and expected.line == item.line
        and expected.text == item.text
        and (expected.mode or None) == item.mode
        and expected.words in item.message
    )


def _on_other_lines(
    expected: list[Expected], found: list[Reported]
) -> tuple[list[Expected], list[Reported]]:
    """Compare by lines, modes and words: without columns, failures of one statement are one."""
    pairs = [(each, item) for each in expected for item in found if _on_one_line(each, item)]
    missing = [
        each
        for each in expected
        if not _modes(each) <= {mode for one, item in pairs if one is each for mode in _modes(item)}
    ]
    surplus = [
        item
        for item in found
        if not _modes(item) <= {mode for each, one in pairs if one is item for mode in _modes(each)}
    ]
    return missing, surplus


def _on_one_line(expected: Expected, item: Reported) -> bool:
    return (
        expected.rule == item.rule
        and item.line <= expected.line <= item.end_line
        and expected.words in item.message
    )


def _modes(item: Expected | Reported) -> set[str]:
    return {item.mode} if item.mode else set(MODES)
