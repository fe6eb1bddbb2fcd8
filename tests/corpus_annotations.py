"""The annotations of the corpus: the findings that comments in a file state, and those reported.

`tests/corpus/README.md` describes the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from export_lsp.protocol import MODES, Finding, Location
from tests.corpus_versions import Change, Versions, changes_in, installed

CORPUS = Path(__file__).parent / "corpus"

ANNOTATION = re.compile(
    r"#~(?P<next>v)?\s+(?P<rule>[a-z-]+)(?:\s+\((?P<mode>strict|non-strict)\))?"
    r"(?:\s+\[(?P<versions>[^\]`]*)\])?"
    r"\s+`(?P<text>.*?)`(?=\s*(?::|#~|$))(?::\s*(?P<words>.*?))?\s*(?=#~|$)"
)
LINE_END = re.compile(r"\r\n|\r|\n")


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
    changes = changes_in(path, versions)
    if versions.has_columns and not changes:
        missing, surplus = _unpaired(expected, found)
    else:
        missing, surplus = _on_other_lines(_changed(expected, changes), found)
    return [f"missing {item}" for item in missing] + [f"unexpected {item}" for item in surplus]


def _changed(expected: list[Expected], changes: list[Change]) -> list[Expected]:
    """Return the annotations with changes, one for each mode."""
    if not changes:
        return expected
    result = [replace(each, mode=mode) for each in expected for mode in sorted(_modes(each))]
    for change in changes:
        if change.added:
            result += [Expected(change.rule, change.line, "", mode, "") for mode in change.modes]
        else:
            result = [
                each
                for each in result
                if (each.rule, each.line) != (change.rule, change.line)
                or each.mode not in change.modes
            ]
    return result


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
