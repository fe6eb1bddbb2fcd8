"""Layers and parameters in plain lists, dicts and objects: the model does not register them."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

import torch
from torch import nn
from torch.fx import Node

from export_lsp.protocol import Finding, Location, Remedy
from export_lsp.source import Source, first_line
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.target import Built
from export_lsp.worker.execution.values import TABLES
from export_lsp.worker.places import locate, node_frames
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.private.unregistered import unregistered_tensors
from export_lsp.worker.text.sentences import Words, article
from export_lsp.worker.user_code import syntax
from export_lsp.worker.user_code.workspace import Workspace

MAX_DEPTH = 4
UNREGISTERED = (
    "the model does not register the parameters in it, and strict mode cannot export them."
)
SEQUENCES = (list, tuple, deque)

# The classes of torch that register what is in a sequence or a dict, if all of it is of one class.
CONTAINERS: tuple[tuple[Any, type, str], ...] = (
    (SEQUENCES, nn.Module, "ModuleList"),
    (SEQUENCES, nn.Parameter, "ParameterList"),
    (dict, nn.Module, "ModuleDict"),
    (dict, nn.Parameter, "ParameterDict"),
)
EMPTY = ("[]", "()", "{}", "list()", "dict()")


@dataclass(frozen=True)
class _Holder:
    """An attribute of a module whose value holds an unregistered tensor."""

    module: nn.Module
    name: str
    value: Any


def findings(failure: Failure, built: Built) -> list[Finding]:
    """Return a finding for each value that holds unregistered tensors; none for other failures.

    Strict mode cannot export what the model does not register (torch 2.13).
    """
    found: dict[Location, Finding] = {}
    for link in locate.chain(failure.error):
        for tensor, use in unregistered_tensors(link.__traceback__):
            holder = _holder(built.model, tensor)
            finding = _at_assignment(failure, holder) if holder is not None else None
            finding = finding or _at_use(failure, use)
            found.setdefault(finding.location, finding)
    return list(found.values())


def _holder(model: nn.Module, tensor: torch.Tensor) -> _Holder | None:
    for module in model.modules():
        for name, value in vars(module).items():
            if name not in TABLES and any(each is tensor for each in _tensors(value, MAX_DEPTH)):
                return _Holder(module, name, value)
    return None


def _tensors(value: Any, depth: int) -> Iterator[torch.Tensor]:
    """Yield the tensors in a value: in modules, containers and objects of other classes."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, nn.Module):
        yield from (*value.parameters(), *value.buffers())
    elif depth:
        for part in _parts(value):
            yield from _tensors(part, depth - 1)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, SEQUENCES):
        return list(value)
    return [] if isinstance(value, type) else list(getattr(value, "__dict__", {}).values())


def _at_assignment(failure: Failure, holder: _Holder) -> Finding | None:
    """Return the finding at the value that is assigned to the attribute; None if none is."""
    assigned = _assigned(type(holder.module), holder.name, failure.workspace)
    if assigned is None:
        return None
    source, value = assigned
    location, text = source.location_of(value), source.text_of(value)
    container = _container(holder.value)
    remedies: tuple[Remedy, ...] = ()
    if container:
        registered = f"{_prefix(source)}{container}({'' if text in EMPTY else text})"
        title = f"Make `self.{holder.name}` an `nn.{container}`"
        remedies = (Remedy("replace", location, registered, title=title),)
    at_value = replace(failure, stack=Stack())
    words = _words(holder, container)
    return at_value.finding("unregistered-state", words, location=location, remedies=remedies)


def _words(holder: _Holder, container: str) -> Words:
    kind, attribute = type(holder.value).__name__, f"self.{holder.name}"
    if not isinstance(holder.value, (dict, *SEQUENCES)):
        return Words(
            f"Parameters in {article(kind)} `{kind}`",
            f"`{kind}` is no `nn.Module`: {UNREGISTERED}",
            f"Make `{kind}` a subclass of `nn.Module`.",
            attribute,
        )
    return Words(
        f"Parameters in a plain {kind}",
        f"It is no `nn.Module`: {UNREGISTERED}",
        f"Use `nn.{container}`." if container else "Use `nn.ModuleList` or `nn.ModuleDict`.",
        attribute,
    )


def _container(value: Any) -> str:
    """Return the name of the class of torch for a value; "" if there is none."""
    parts = _parts(value)
    for kinds, item, name in CONTAINERS:
        if isinstance(value, kinds) and all(isinstance(part, item) for part in parts):
            return name
    return ""


def _at_use(failure: Failure, use: Node) -> Finding:
    stack = node_frames.stack_of_node(use, failure.workspace)
    at_use = replace(failure, stack=replace(stack, library=None))
    return at_use.finding(
        "unregistered-state",
        Words(
            "Use of an unregistered parameter",
            "It uses a parameter or buffer that the model does not register, and strict mode cannot"
            " export it.",
            "Assign it, or the module that has it, to an attribute in `__init__`.",
        ),
    )


def _prefix(source: Source) -> str:
    """Return how the names of ``torch.nn`` begin in a file."""
    bound = syntax.bindings(source.tree) if source.tree is not None else {}
    return "nn." if "nn" in bound else "torch.nn."


def _assigned(cls: type, attribute: str, workspace: Workspace) -> tuple[Source, ast.expr] | None:
    """Return the value that a method assigns to an attribute, `__init__` first, with its file."""
    functions = [
        value
        for base in cls.__mro__
        for name, value in sorted(vars(base).items(), key=lambda item: item[0] != "__init__")
        if isinstance(value, FunctionType)
    ]
    for function in functions:
        source = workspace.source(function.__code__.co_filename)
        for node in source.nodes if source is not None else ():
            if (
                isinstance(node, ast.FunctionDef)
                and first_line(node) == function.__code__.co_firstlineno
            ):
                value = _value_for(node, attribute)
                if source is not None and value is not None:
                    return source, value
    return None


def _value_for(function: ast.FunctionDef, attribute: str) -> ast.expr | None:
    for node in ast.walk(function):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Attribute) and t.attr == attribute for t in targets):
                return node.value
    return None
