"""Targets as tests: a collector for each file that may declare one, and an item for each target."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from _pytest._code.code import (
    ExceptionInfo,
    ReprEntryNative,
    ReprExceptionInfo,
    ReprFileLocation,
    ReprTraceback,
    TerminalRepr,
)

from export_lsp.api.conversion import result_of
from export_lsp.api.results import CheckError, Result
from export_lsp.api.session import Request, report_of, shared_session
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.job_selection import job_in_folder
from export_lsp.cli.jobs import Job

Style = Literal["long", "short", "line", "no", "native", "value", "auto"]


class Collecting:
    """The hooks while the plugin is on."""

    def __init__(self, config: pytest.Config) -> None:
        python = config.getini("export_lsp_python")
        own = sys.executable if importlib.util.find_spec("torch") else None
        self._overrides = {"interpreter": python or own}

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Return a collector if the file may declare a target and is not excluded."""
        if file_path.suffix != ".py":
            return None
        try:
            job = job_in_folder(file_path, self._overrides)
        except CannotRun as error:
            raise pytest.UsageError(*error.messages) from None
        if job is None:
            return None
        collector: ModelFile = ModelFile.from_parent(parent, path=file_path)
        collector.job = job
        return collector


class ModelFile(pytest.File):
    """A file that may declare targets."""

    job: Job

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each target; or one that fails, if the file cannot be imported."""
        try:
            names, found = shared_session().target_names(Request(self.job))
        except CheckError as error:
            raise self.CollectError(str(error)) from None
        if not names:
            result = result_of(report_of([found]))
            if any(problem.fails for problem in result.problems):
                item: TargetItem = TargetItem.from_parent(self, name="load")
                item.result = result
                yield item
        for name in names:
            yield TargetItem.from_parent(self, name=name)


class FoundError(Exception):
    """A target has errors or warnings."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.text)
        self.result = result


class TargetItem(pytest.Item):
    """A test that fails if its target has errors or warnings.

    `result` is the result of the check, None before it.
    """

    result: Result | None = None

    def runtest(self) -> None:
        """Check the target.

        Raises:
            FoundError: It has errors or warnings.
            CheckError: It could not be checked.
        """
        if self.result is None:
            job = self.parent.job if isinstance(self.parent, ModelFile) else None
            assert job is not None
            checked = shared_session().check(Request(job, only=(self.name,)))
            self.result = result_of(report_of([checked]))
        if any(problem.fails for problem in self.result.problems):
            raise FoundError(self.result)

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], style: Style | None = None
    ) -> str | TerminalRepr:
        """Return the problems, located at the first one, so that the summary names its line."""
        if isinstance(excinfo.value, CheckError):
            return str(excinfo.value)
        if not isinstance(excinfo.value, FoundError):
            return super().repr_failure(excinfo)
        result = excinfo.value.result
        first = next(problem for problem in result.problems if problem.fails)
        crash = ReprFileLocation(str(first.place.file), first.place.line, first.title)
        entry = ReprEntryNative(result.text.splitlines(keepends=True))
        return ReprExceptionInfo(ReprTraceback([entry], None, "native"), crash)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file, and the name that headlines have."""
        return self.path, None, f"{self.name} in {self.path.name}"
