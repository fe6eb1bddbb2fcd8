"""The entries of dynamic_shapes that a violation is about, and the sentence that says so."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from export_lsp.worker.stages.guards import violation_text
from export_lsp.worker.stages.guards.violation_text import Kind, Violation
from export_lsp.worker.targets.shape_entry import ShapeEntry, joint_label
from export_lsp.worker.text.torch_text import in_user_names

BOUNDS = re.compile(r"^(\d+) <= (\S+) and \2 <= (\d+)$")


@dataclass(frozen=True)
class ViolatedSizes:
    """A violation with the entries of dynamic_shapes for its sizes.

    `entries` are those that torch names, one or two; `alike` are all that share a Dim with them.
    `fixes` are torch's own for their Dims.
    """

    violation: Violation
    entries: tuple[ShapeEntry, ...]
    alike: tuple[ShapeEntry, ...]
    fixes: tuple[str, ...]

    @property
    def sources(self) -> frozenset[str]:
        """All of torch's names of the sizes in `alike`."""
        return frozenset(name for entry in self.alike for name in entry.sources)


def violated_sizes(text: str, entries: Sequence[ShapeEntry]) -> list[ViolatedSizes]:
    """Return the violations that a text of torch's states, of sizes in dynamic_shapes.

    `entries` are all of dynamic_shapes.
    """
    for entry in entries:
        text = text.replace(entry.nested_source, entry.source)
    named = {entry.name: entry for entry in entries if entry.name}
    named.update({entry.source: entry for entry in entries})
    fixes = violation_text.suggested_fixes(text)
    found = []
    for violation in violation_text.violations(text):
        known = tuple(named[size] for size in violation.sizes if size in named)
        if known:
            dims = {entry.name for entry in known if entry.name}
            alike = tuple(entry for entry in entries if entry in known or entry.name in dims)
            own_fixes = tuple(
                fix for dim in sorted(dims) for fix in violation_text.with_derived(dim, fixes)
            )
            found.append(ViolatedSizes(violation, known, alike, own_fixes))
    return found


@dataclass(frozen=True)
class ViolationWords:
    """The words for a violation: what is wrong, and what to do.

    `declare` is the advice about dynamic_shapes, `rewrite` a further clause about the expression
    that needs the size; "" where there is nothing to rewrite.
    """

    what: str
    declare: str
    rewrite: str = ""

    @property
    def advice(self) -> str:
        """All of the advice, for an expression that the user can rewrite."""
        return f"{self.declare}{self.rewrite}"


REWRITE = ", or rewrite the expression so that it holds for every size"


def words(violated: ViolatedSizes, blamed: str) -> ViolationWords:
    """Return the words for a violation; `blamed` names the expression that needs it."""
    return WORDS[violated.violation.kind](violated, blamed)


def _constant(violated: ViolatedSizes, blamed: str) -> ViolationWords:
    return ViolationWords(
        f"{blamed} works only if {joint_label(violated.alike)} is {violated.violation.needs}, the"
        " size in the example, but dynamic_shapes says that it may vary",
        f"make that dimension static{_in_shapes(violated.fixes)}",
        REWRITE,
    )


def _relation(violated: ViolatedSizes, blamed: str) -> ViolationWords:
    formula, fixes = violated.violation.needs, _in_shapes(violated.fixes)
    names = " and ".join(entry.label for entry in violated.entries)
    if formula is None:
        return ViolationWords(
            f"{blamed} needs {names} to be equal, but dynamic_shapes lets them differ",
            f"use one Dim for both{fixes}",
        )
    return ViolationWords(
        f"{blamed} needs `{in_user_names(formula)}`, but dynamic_shapes lets {names} vary freely",
        f"derive one Dim from the other{fixes}",
    )


def _range(violated: ViolatedSizes, blamed: str) -> ViolationWords:
    condition = _condition(violated.violation.needs or "")
    allowed = f"but dynamic_shapes allows other values for {joint_label(violated.alike)}"
    if violated.fixes:
        return ViolationWords(
            f"{blamed} works only for {_quoted(violated.fixes)}, {allowed}",
            "declare it so",
            REWRITE,
        )
    if "==" in condition:
        return ViolationWords(
            f"{blamed} works only if `{condition}` (the example's value), {allowed}",
            "make that dimension static",
            " or use tensor operations",
        )
    return ViolationWords(
        f"{blamed} works only where `{condition}`, {allowed}", "narrow that dimension", REWRITE
    )


WORDS: dict[Kind, Callable[[ViolatedSizes, str], ViolationWords]] = {
    "constant": _constant,
    "relation": _relation,
    "range": _range,
}


def _condition(guard: str) -> str:
    """A guard in the user's names, without superfluous parentheses, both bounds in one relation."""
    text = in_user_names(guard.removeprefix("the generated guard ").rstrip("."))
    try:
        text = ast.unparse(ast.parse(text, mode="eval"))
    except SyntaxError:
        return text
    return BOUNDS.sub(r"\1 <= \2 <= \3", text)


def _in_shapes(fixes: Sequence[str]) -> str:
    return f" (in dynamic_shapes, {_quoted(fixes)})" if fixes else ""


def _quoted(fixes: Iterable[str]) -> str:
    return " and ".join(f"`{fix}`" for fix in dict.fromkeys(fixes))
