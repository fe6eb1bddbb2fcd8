"""torch_geometric: message passing, with a dynamic number of edges."""

from __future__ import annotations

from tests.wild.case import Case, Library, small
from tests.wild.libraries.stacks import DEVELOPED

LAYERS = (
    "GCNConv(8, 8)",
    "GCNConv(8, 8, normalize=False)",
    "SAGEConv(8, 8)",
    "GATConv(8, 8, heads=2)",
    "GATv2Conv(8, 8, heads=2)",
    "GINConv(torch.nn.Linear(8, 8))",
    "GraphConv(8, 8)",
    "TAGConv(8, 8)",
    "SGConv(8, 8)",
    "ChebConv(8, 8, K=2)",
    "TransformerConv(8, 8)",
    "ResGatedGraphConv(8, 8)",
    "EdgeConv(torch.nn.Linear(16, 8))",
    "LEConv(8, 8)",
    "ClusterGCNConv(8, 8)",
    "FeaStConv(8, 8)",
    "APPNP(K=2, alpha=0.1)",
    "ARMAConv(8, 8)",
    "MFConv(8, 8)",
    "GENConv(8, 8)",
)
NODES = "torch.randn(5, 8)"
EDGES = "torch.tensor([[0, 1, 2, 3, 4, 0], [1, 2, 3, 4, 0, 2]])"


def _case(model: str) -> Case:
    return small(
        model,
        f"geometric.{model}.eval()",
        NODES,
        EDGES,
        dynamic=("None", "{1: Dim('edges', min=2, max=64)}"),
    )


LIBRARY = Library(
    name="torch_geometric",
    module="torch_geometric",
    environment="torch_geometric",
    requirements=(*DEVELOPED, "torch_geometric"),
    setup="import torch_geometric.nn as geometric",
    cases=tuple(_case(model) for model in LAYERS),
)
