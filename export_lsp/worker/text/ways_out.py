"""Known ways out for failures inside of libraries, which their users cannot edit.

To add one, add a row to `WAYS_OUT` or `OUTPUT_TYPES`, with the page of the library that it is taken
from, and to `tests/worker/test_ways_out.py` a model that follows its advice.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from export_lsp.protocol import RuleCode

EXPERTS = "https://huggingface.co/docs/transformers/experts_interface"
ATTENTION = "https://huggingface.co/docs/transformers/attention_interface"
CACHES = "https://huggingface.co/docs/transformers/kv_cache"
QUANTIZATION = "https://docs.pytorch.org/ao/stable/pt2e_quantization/index.html"
DISTRIBUTIONS = "https://docs.pytorch.org/docs/stable/distributions.html"


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
        file = self.file.replace("\\", "/")
        return "\n".join((file, self.function, self.expression, self.text))


@dataclass(frozen=True)
class WayOut:
    """A remedy for users of a package against a failure in it.

    `pattern` is searched in `LibraryFailure.description`, or in the name of a type.  `advice` is a
    sentence.  `url` is the page of the package that the advice
    is taken from.  A row applies only if the module `needs` exists; "" for every version.
    """

    package: str
    pattern: str
    advice: str
    url: str
    needs: str = ""


# The first row that fits counts.
WAYS_OUT: tuple[WayOut, ...] = (
    WayOut(
        "torch",
        r"^\S*/torch/ao/quantization/",
        "Export the model without its fake-quantization modules and observers, and quantize the"
        " exported program (PT2E).",
        QUANTIZATION,
    ),
    WayOut(
        "torch",
        r"^\S*/torch/distributions/",
        "Turn off the validation of arguments (`validate_args=False`).",
        DISTRIBUTIONS,
    ),
    WayOut(
        "transformers",
        r"\bexpert_(?:hit|mask|idx)\b",
        'Set `experts_implementation="batched_mm"` (or `"grouped_mm"`) in its configuration.',
        EXPERTS,
        needs="transformers.integrations.moe",
    ),
    WayOut(
        "transformers",
        r"Cannot view a tensor|scaled_dot_product_attention|sdpa_attention|flash_attention",
        'Set `attn_implementation="eager"` in its configuration.',
        ATTENTION,
    ),
)

# The types of outputs, by the name of their class.
OUTPUT_TYPES: tuple[WayOut, ...] = (
    WayOut(
        "transformers",
        r"^\w*Cache$",
        "Set `use_cache=False`, or register transformers' caches before the export"
        " (`transformers.exporters.exporter_dynamo.register_cache_pytrees_for_model`).",
        CACHES,
        needs="transformers.exporters.exporter_dynamo",
    ),
    WayOut("transformers", r"^\w*Cache$", "Set `use_cache=False`.", CACHES),
)

UNKNOWN = "Choose options of {package} that do not lead there, or try another version of it."


def way_out(failure: LibraryFailure, rule: RuleCode) -> WayOut:
    """Return what users of the library can do: the first row that fits, else general advice.

    What fails in eager mode too is more likely the fault of the call.
    """
    rows = (row for row in WAYS_OUT if row.package == failure.package)
    known = _first_fitting(rows, failure.description)
    if known is not None:
        return known
    advice = "" if rule == "forward-error" else UNKNOWN.format(package=failure.package)
    return WayOut(failure.package, "", advice, "")


def way_out_for_output(type_name: str) -> WayOut | None:
    """Return what to do about an output of a library's type; None if nothing is known."""
    rows = (row for row in OUTPUT_TYPES if row.package in sys.modules)
    return _first_fitting(rows, type_name)


def _first_fitting(rows: Iterable[WayOut], text: str) -> WayOut | None:
    return next((row for row in rows if re.search(row.pattern, text) and _applies(row)), None)


def _applies(row: WayOut) -> bool:
    try:
        return not row.needs or importlib.util.find_spec(row.needs) is not None
    except ImportError:
        return False  # a package around the module does not exist
