"""Failures that come from how the model was built: the check starts again with another build.

Parameters are fake at first.  If that fails, they are real; if these need too much memory, only
those are fake that take much of it.
"""

from __future__ import annotations

from dataclasses import replace

from export_lsp.protocol import Build, Check, Finding, Mode
from export_lsp.worker.check.reporter import Reporter
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.lack_of_memory import lack_of_memory, memory_limit
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import fake_build
from export_lsp.worker.stages import lower
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words
from export_lsp.worker.user_code.workspace import Workspace


def request_rebuild(error: BaseException, check: Check, reporter: Reporter) -> bool:
    """Ask for a check with another build if this one may have caused the error.

    Returns:
        True if it was asked for: this check is then over, and the error is not reported.
    """
    build = _next_build(error, check)
    if build is None:
        return False
    reporter.rebuild(build, error)
    return True


def is_due_to_build(error: BaseException, check: Check) -> bool:
    """Return whether an export may have failed because of how the model was built."""
    if check.build == "real":
        return _lacks_memory(error)
    return fake_build.any_fake_made() and lower.is_fake_constant(error)


def as_reported(finding: Finding, check: Check, workspace: Workspace) -> Finding:
    """Return a finding of the stages up to the build, as it is reported where no build is left.

    If large tensors alone are fake, the code that fails needs their values, and these too much
    memory.
    """
    if check.build != "mixed" or finding.rule == "out-of-memory":
        return finding
    source = workspace.source(finding.location.file)
    expression = source.excerpt(finding.location) if source is not None else ""
    title, explanation = _words("It").parts(expression)
    return replace(finding, rule="out-of-memory", title=title, explanation=explanation, limit=True)


def too_large_for_values(error: BaseException, mode: Mode, declaration: Declaration) -> Finding:
    """Return the finding for an export that needs the values of large tensors."""
    target, workspace = declaration.target, declaration.workspace
    failure = Failure(error, "capture", mode, target, workspace, SymbolTracker(workspace))
    finding = failure.finding("out-of-memory", _words("The export"))
    return replace(finding, limit=True)


def _words(subject: str) -> Words:
    subject = f"{subject} fails without the values of large tensors, and with them the model"
    return memory_limit().words(subject)


def _next_build(error: BaseException, check: Check) -> Build | None:
    if check.build == "real":
        return "mixed" if _lacks_memory(error) else None
    # With real parameters there would be still less memory.
    may_be_fakes = check.build == "fake" and fake_build.any_fake_made()
    return "real" if may_be_fakes and not _lacks_memory(error) else None


def _lacks_memory(error: BaseException) -> bool:
    return lack_of_memory(locate.chain(error)) is not None
