"""JUnit XML for CI systems that show test results: each target is a test case."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from export_lsp.cli.report import CheckedTarget, Report, modes_and_targets, shown_path
from export_lsp.findings import Problem

# Characters that XML 1.0 cannot represent, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """Return one suite of all targets.  A file without targets, or that did not load, is a case."""
    cases = [
        _case(target.file, target.name, target.seconds, _of_target(report, target), report)
        for target in report.targets
    ]
    without = {file: _of_file(report, file) for file in report.files}
    known = {target.file for target in report.targets}
    cases += [
        _case(file, "load", 0.0, problems, report)
        for file, problems in without.items()
        if problems or file not in known
    ]
    suite = ElementTree.Element(
        "testsuite",
        name="export-lsp",
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors="0",
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
        time=f"{sum(target.seconds for target in report.targets):.3f}",
    )
    suite.extend(cases)
    suites = ElementTree.Element("testsuites", name="export-lsp")
    suites.append(suite)
    ElementTree.indent(suites)
    body = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _of_target(report: Report, target: CheckedTarget) -> list[Problem]:
    label = target.label(report.folder)
    return [problem for problem in report.problems if label in problem.targets]


def _of_file(report: Report, file: str) -> list[Problem]:
    """The problems from before the first target of the file."""
    return [
        problem
        for problem in report.problems
        if not problem.targets and problem.location.file == file
    ]


def _case(
    file: str, name: str, seconds: float, problems: list[Problem], report: Report
) -> ElementTree.Element:
    shown = shown_path(file, report.folder)
    case = ElementTree.Element(
        "testcase", classname=_xml(shown), name=_xml(name), file=_xml(shown), time=f"{seconds:.3f}"
    )
    for problem in problems:
        if problem.severity in ("error", "warning"):
            failure = ElementTree.SubElement(
                case, "failure", type=problem.rule, message=_xml(problem.title)
            )
            failure.text = _xml(_text(problem, report))
        elif problem.rule == "no-target":
            ElementTree.SubElement(case, "skipped", message=_xml(problem.message))
    return case


def _text(problem: Problem, report: Report) -> str:
    start = problem.location.start
    file = shown_path(problem.location.file, report.folder)
    lines = [
        f"{file}:{start.line + 1}:{start.character + 1}: {problem.severity}[{problem.rule}]",
        problem.message,
        modes_and_targets(problem),
        problem.url,
        problem.detail,
    ]
    return "\n".join(line for line in lines if line)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
