"""Parse torch's text about violated constraints into data.

Texts seen in torch 2.6 to 2.14.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# "constant": the code needs one size. "relation": it needs two sizes to be equal, or one to be
# computed from the other. "range": it needs a condition on one size.
Kind = Literal["constant", "relation", "range"]


@dataclass(frozen=True)
class Violation:
    """One line of torch's text.

    `sizes` are the sizes it names, each by torch's source (``L['x'].size()[0]``) or by its Dim's
    name. `needs` is the constant, the condition, or the second size as a formula of the first;
    None if two sizes have to be equal.
    """

    kind: Kind
    sizes: tuple[str, ...]
    needs: str | None


_SIZE = r"L\[.+?\.size\(\)\[\d+\]"

PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "constant",
        re.compile(
            r"You marked (?P<size>.+?) as dynamic but your code specialized it"
            r" .*?\((?P<needs>\d+)\)"
        ),
    ),
    (  # torch 2.6
        "constant",
        re.compile(
            r"Not all values of .* are valid because (?P<size>\S+) was inferred to be"
            r" .*?\((?P<needs>\d+)\)"
        ),
    ),
    (
        "relation",
        re.compile(
            r"The values of (?:\S+ = )?(?P<size>L\[.+?\])"
            r" (?:must always be related to the values of|and)"
            rf" (?:\S+ = )?(?P<other>{_SIZE}) (?:must always be equal|by (?P<needs>.+?))\.?$"
        ),
    ),
    (
        "range",
        re.compile(
            r"Not all values of (?:\S+ = )?(?P<size>L\[.+?\]) in the specified range(?: .*?)?"
            r" satisfy (?P<needs>.+)"
        ),
    ),
    ("constant", re.compile(rf"hint of (?P<needs>1) for dimension (?P<size>{_SIZE})")),
)

# The same size in the text about a hint: "inputs['x'].shape[0]".
INPUT_SHAPE = re.compile(r"\binputs(.*?)\.shape\[(\d+)\]")

# torch begins another list without a line break.
HEADING = re.compile(r"Specializations unexpectedly required|Constraints violated")

SUGGESTED = re.compile(r"Suggested fixes:\n((?:  .+\n?)+)")
# Every size has this bound, and only strict mode writes it.
ANY_MIN = re.compile(r"min=[01], |, min=[01]\b")


def violations(text: str) -> list[Violation]:
    """Return the violations in the text of torch's exception, in its order."""
    lines = HEADING.sub(r"\n\g<0>", text).splitlines()
    return [found for line in lines if (found := _violation(line)) is not None]


def _violation(line: str) -> Violation | None:
    line = INPUT_SHAPE.sub(r"L\1.size()[\2]", line)
    for kind, pattern in PATTERNS:
        match = pattern.search(line)
        if match is not None:
            groups = match.groupdict()
            sizes = tuple(groups[name] for name in ("size", "other") if name in groups)
            return Violation(kind, sizes, groups["needs"])
    return None


def suggested_fixes(text: str) -> dict[str, str]:
    """Return torch's own fixes by the Dim's name: ``{"n": "n = Dim('n', max=32)"}``."""
    match = SUGGESTED.search(text)
    fixes = {}
    for line in match[1].splitlines() if match else ():
        name, _, value = line.strip().partition(" = ")
        fixes[name] = f"{name} = {ANY_MIN.sub('', value)}"
    return fixes


def with_derived(name: str, fixes: Mapping[str, str]) -> list[str]:
    """Return the fix of one Dim, preceded by those of the Dims it is derived from."""
    if name not in fixes:
        return []
    formula = fixes[name].partition(" = ")[2].partition("Dim(")[0]
    bases = [fixes[word] for word in re.findall(r"\w+", formula) if word in fixes]
    return [*bases, fixes[name]]
