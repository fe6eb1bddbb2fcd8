"""Sets a rule's severity in the text of a pyproject.toml; the rest stays as it is."""

from __future__ import annotations

import copy
import re
from typing import Any

from export_lsp.protocol import RuleCode
from export_lsp.settings import toml

SECTION = "tool.export-lsp.severities"

_HEADER = re.compile(r"^[ \t]*\[(?P<name>[^\[\]]+)\][ \t]*(?:#.*)?$", re.MULTILINE)
_NEXT = re.compile(r"^[ \t]*\[", re.MULTILINE)


def with_severity(text: str, rule: RuleCode, severity: str) -> str | None:
    """Return a pyproject.toml with the severity of a rule.

    None if it cannot be parsed, or writes its severities in another way than as a table of their
    own, with a line for each rule.
    """
    try:
        wanted = _with_entry(toml.parsed(text), rule, severity)
        made = _edited(text, rule, severity)
        return made if toml.parsed(made) == wanted else None
    except (toml.UnreadableError, TypeError, AttributeError):
        return None


def _with_entry(content: dict[str, Any], rule: str, severity: str) -> dict[str, Any]:
    """The content with the entry; raises if one of the tables is something else."""
    content = table = copy.deepcopy(content)
    for name in SECTION.split("."):
        table = table.setdefault(name, {})
    table[rule] = severity
    return content


def _edited(text: str, rule: str, severity: str) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    entry = f'{rule} = "{severity}"'
    for header in _HEADER.finditer(text):
        if re.sub(r"""[\s"']""", "", header["name"]) != SECTION:
            continue
        following = _NEXT.search(text, header.end())
        end = following.start() if following else len(text)
        section = text[header.end() : end]
        key = rf"""["']?{re.escape(rule)}["']?"""
        old = re.compile(rf"^([ \t]*){key}[ \t]*=[^#\r\n]*?(?=[ \t]*(#|\r?$))", re.MULTILINE)
        if old.search(section):
            section = old.sub(rf"\g<1>{entry}", section, count=1)
        else:
            body = section.rstrip()
            section = f"{body}{line_end}{entry}{section[len(body) :] or line_end}"
        return text[: header.end()] + section + text[end:]
    body = text.rstrip()
    gap = 2 * line_end if body else ""
    return f"{body}{gap}[{SECTION}]{line_end}{entry}{line_end}"
