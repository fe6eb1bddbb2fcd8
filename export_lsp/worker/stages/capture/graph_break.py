"""What Dynamo cannot capture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from export_lsp.protocol import Finding
from export_lsp.worker import locate
from export_lsp.worker.failure import Failure, reason
from export_lsp.worker.private import errors

if TYPE_CHECKING:
    from export_lsp.worker.stages.build import Built

PAGE = re.compile(r"https://\S*/gb/(gb\d+)\.html")
EXPLANATION = re.compile(
    r"^\s*Explanation: (.*?)(?=^\s*(?:Hint|Developer debug context):|\Z)", re.M | re.S
)
HINT = re.compile(r"^\s*Hint: (.*?)(?=^\s*(?:Hint|Developer debug context):|\Z)", re.M | re.S)
FILED = ("This graph break may be difficult", "It may be possible to write Dynamo tracing rules")


def explain_higher_order(failure: Failure, built: Built) -> Finding | None:
    """Failures inside ``torch.cond`` and its like, whose branches are captured by Dynamo in both
    modes: they fail in eager too, though nothing is wrong in eager."""
    if not errors.find(locate.chain(failure.error), errors.HIGHER_ORDER) and not (
        _inside_higher_order(failure)
    ):
        return None
    causes = [link for link in locate.chain(failure.error) if link is not failure.error]
    cause = causes[-1] if causes else failure.error
    return failure.finding(
        "graph-break",
        f"`{_shortened(failure.expression)}` cannot be captured: {_sentence(str(cause))}",
        url=_url(str(cause)),
        data=_data(str(cause)),
    )


def _inside_higher_order(failure: Failure) -> bool:
    tb = failure.error.__traceback__
    while tb is not None:
        if "higher_order_ops" in tb.tb_frame.f_code.co_filename:
            return True
        tb = tb.tb_next
    return False


def explain(failure: Failure, built: Built) -> Finding | None:
    """Every other failure of the strict mode that has a place in the user's code."""
    if failure.mode != "strict":
        return None
    text = failure.text
    explanation = EXPLANATION.search(text)
    why = _folded(explanation[1]) if explanation else reason(failure.error)
    hints = [_folded(hint) for hint in HINT.findall(text)]
    useful = [hint for hint in hints if not hint.startswith(FILED)]
    advice = f" {useful[0]}" if useful else ""
    return failure.finding(
        "graph-break",
        f"Dynamo cannot trace `{_shortened(failure.expression)}`: {why}{advice}",
        url=_url(text),
        data=_data(text),
    )


def _url(text: str) -> str | None:
    match = PAGE.search(text)
    return match[0] if match else None


def _data(text: str) -> dict[str, str]:
    match = PAGE.search(text)
    return {"graph_break": match[1].upper()} if match else {}


def _sentence(text: str) -> str:
    explanation = EXPLANATION.search(text)
    return _folded(explanation[1]) if explanation else _folded(text.split("\n\n")[0])


def _folded(text: str) -> str:
    return " ".join(text.split())


def _shortened(expression: str, limit: int = 80) -> str:
    return expression if len(expression) <= limit else expression[: limit - 1] + "…"
