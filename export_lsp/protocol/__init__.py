"""The messages between server and worker, as plain data.

A message is a frozen dataclass; `wire` encodes and decodes it.  Loaded by server and worker, so
that this package needs nothing but the standard library and runs on every Python that the worker
supports (3.10 and newer).
"""

from __future__ import annotations

from export_lsp.protocol.commands import Check, DeclaredTarget, Kill
from export_lsp.protocol.costs import ClassCost, Cost, Flops, ModuleCost, Operators
from export_lsp.protocol.finding import Finding, Remedy, as_message
from export_lsp.protocol.graph import GraphLine
from export_lsp.protocol.host_events import Exited, Launched, Output, Reached, Ready, Unusable
from export_lsp.protocol.outcome import BackendFact, DimFact, LeftOut, Outcome, Value
from export_lsp.protocol.places import Location, Position, Related, Replacement
from export_lsp.protocol.run_events import (
    Compared,
    Costs,
    Declined,
    Finished,
    Found,
    Graph,
    Imported,
    Insight,
    Leaf,
    Loaded,
    Log,
    ModeEnded,
    ModuleCall,
    Rebuild,
    ScriptStarted,
    ShapesSuggested,
    StageEntered,
    TargetEnded,
    TargetsFound,
    TargetStarted,
    Traced,
)
from export_lsp.protocol.vocabulary import (
    ANY_EXPORT,
    BACKENDS,
    BUILDS,
    CONVENTIONS,
    FORK_NOTE,
    GRAPH_LEVELS,
    INTERNAL_ERROR,
    KEPT_LIBRARY_HOSTS,
    KEPT_MODEL_HOSTS,
    MODES,
    NO_RUN,
    NOTES_SUFFIX,
    ON_REQUEST,
    PROCESS_PREFIX,
    ROLES,
    SEGMENT_NOTE,
    TARGET_NAMES,
    TEMPORARY_FILES,
    Backend,
    Build,
    GraphLevel,
    Mode,
    ModeOutcome,
    Opset,
    RemedyKind,
    Role,
    RuleCode,
)

VERSION = 3

Command = Check | Kill
RunEvent = (
    ScriptStarted
    | TargetsFound
    | TargetStarted
    | ModeEnded
    | TargetEnded
    | StageEntered
    | Found
    | Compared
    | Insight
    | Costs
    | Graph
    | ShapesSuggested
    | Rebuild
    | Log
    | Loaded
    | Imported
    | Traced
    | Declined
    | Finished
    | Output
    | Reached
    | Exited
)
HostEvent = Ready | Unusable | Launched
Message = Command | RunEvent | HostEvent

__all__ = [
    "ANY_EXPORT",
    "BACKENDS",
    "BUILDS",
    "CONVENTIONS",
    "FORK_NOTE",
    "GRAPH_LEVELS",
    "INTERNAL_ERROR",
    "KEPT_LIBRARY_HOSTS",
    "KEPT_MODEL_HOSTS",
    "MODES",
    "NOTES_SUFFIX",
    "NO_RUN",
    "ON_REQUEST",
    "PROCESS_PREFIX",
    "ROLES",
    "SEGMENT_NOTE",
    "TARGET_NAMES",
    "TEMPORARY_FILES",
    "VERSION",
    "Backend",
    "BackendFact",
    "Build",
    "Check",
    "ClassCost",
    "Command",
    "Compared",
    "Cost",
    "Costs",
    "DeclaredTarget",
    "Declined",
    "DimFact",
    "Exited",
    "Finding",
    "Finished",
    "Flops",
    "Found",
    "Graph",
    "GraphLevel",
    "GraphLine",
    "HostEvent",
    "Imported",
    "Insight",
    "Kill",
    "Launched",
    "Leaf",
    "LeftOut",
    "Loaded",
    "Location",
    "Log",
    "Message",
    "Mode",
    "ModeEnded",
    "ModeOutcome",
    "ModuleCall",
    "ModuleCost",
    "Operators",
    "Opset",
    "Outcome",
    "Output",
    "Position",
    "Reached",
    "Ready",
    "Rebuild",
    "Related",
    "Remedy",
    "RemedyKind",
    "Replacement",
    "Role",
    "RuleCode",
    "RunEvent",
    "ScriptStarted",
    "ShapesSuggested",
    "StageEntered",
    "TargetEnded",
    "TargetStarted",
    "TargetsFound",
    "Traced",
    "Unusable",
    "Value",
    "as_message",
]
