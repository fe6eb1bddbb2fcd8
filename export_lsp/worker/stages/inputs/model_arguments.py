"""The model, and the names of its submodules whose calls are to be preserved."""

from __future__ import annotations

import re

from export_lsp.protocol import Finding, Remedy
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.stages.inputs.finding import invalid_input
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words

NOT_A_MODULE = re.compile("Exporting a ScriptModule|`mod` to be an instance")


def model_class(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a model that is no ``nn.Module``, or a TorchScript one."""
    if NOT_A_MODULE.search(failure.text) is None:
        return None
    kind = type(declaration.built.model).__name__
    return invalid_input(
        failure,
        declaration.target.places.model,
        Words(
            f"`{kind}` as the model",
            f"torch.export does not take a `{kind}`.",
            "Pass the original `nn.Module`.",
        ),
    )


def preserved_names(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a name in ``preserve_module_call_signature`` that no submodule has."""
    names = declaration.built.preserved
    if not isinstance(failure.error, AttributeError) or failure.stack or not names:
        return None
    places = declaration.target.places
    place = places.preserved or places.declaration
    if isinstance(names, str):
        words = Words(
            "String in place of a tuple",
            "This is a string, not a tuple of submodules' names.",
            f"Write `({failure.excerpt(place)},)`.",
        )
        instead = Remedy("replace", place, f"({failure.excerpt(place)},)")
        return invalid_input(failure, place, words, [instead])
    known = [name for name, _ in declaration.built.model.named_modules() if name]
    unknown = next((name for name in names if name not in known), None)
    if unknown is None:
        return None
    advice = f"Names are paths from the model, e.g. `{known[-1]}`." if known else ""
    words = Words("Unknown submodule", f"The model has no submodule `{unknown}`.", advice)
    return invalid_input(failure, place, words)
