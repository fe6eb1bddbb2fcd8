"""The annotations of the corpus: the findings that comments in a file state, and those reported.

`tests/corpus/README.md` describes the grammar.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from export_lsp.protocol import Finding, Location

CORPUS = Path(__file__).parent / "corpus"

# The torch version that the corpus is written for; annotations mark differences in other versions.
CORPUS_TORCH = (2, 13)

ANNOTATION = re.compile(
    r"#~(?P<next>v)?\s+(?P<rule>[a-z-]+)(?:\s+\((?P<mode>strict|non-strict)\))?"
    r"(?:\s+\[torch(?P<compared>[<>]=?)(?P<version>\d+\.\d+)\])?"
    r"\s+`(?P<text>.*?)`(?=\s*(?::|#~|$))(?::\s*(?P<words>.*?))?\s*(?=#~|$)"
)
COMPARISONS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
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
    """One reported finding, in the terms of an annotation."""

    rule: str
    line: int
    text: str
    mode: str | None
    message: str

    def __str__(self) -> str:
        mode = f" ({self.mode})" if self.mode else ""
        return f"{self.line + 1}: {self.rule}{mode} `{self.text}` {self.message}"


def read(path: Path) -> str:
    """Return the text of a corpus file, whose line ends may be of any kind."""
    return path.read_bytes().decode("utf-8-sig")


def torch_version() -> tuple[int, ...]:
    """Return the version of the installed torch, such as (2, 13)."""
    return tuple(map(int, metadata.version("torch").split(".")[:2]))


def expected_in(path: Path, torch: tuple[int, ...] | None = None) -> list[Expected]:
    """Return the annotations of a file for a torch version, by default the installed one."""
    torch = torch or torch_version()
    found = []
    for number, line in enumerate(LINE_END.split(read(path))):
        for match in ANNOTATION.finditer(line):
            if not _holds(match["compared"], match["version"], torch):
                continue
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


def _holds(compared: str | None, version: str | None, torch: tuple[int, ...]) -> bool:
    if compared is None or version is None:
        return True
    return COMPARISONS[compared](torch, tuple(map(int, version.split("."))))


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
            )
        )
    return result


def _text(location: Location, lines: list[str]) -> str:
    first = lines[location.start.line]
    if location.end.line == location.start.line:
        return first[location.start.character : location.end.character]
    return first[location.start.character :].split("  #~")[0].rstrip() + " …"


def differences(path: Path, findings: Iterable[Finding]) -> list[str]:
    """Return a line for each missing and each unexpected finding; none if all is as stated."""
    missing = expected_in(path)
    surplus: list[str] = []
    for item in reported(findings, path):
        match = next((e for e in missing if _fits(e, item)), None)
        if match is None:
            surplus.append(f"unexpected {item}")
        else:
            missing.remove(match)
    return [f"missing {item}" for item in missing] + surplus


def _fits(expected: Expected, item: Reported) -> bool:
    return (
        expected.rule == item.rule
        and expected.line == item.line
        and expected.text == item.text
        and (expected.mode or None) == item.mode
        and expected.words in item.message
    )
