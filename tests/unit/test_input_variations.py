"""Variations of example inputs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")


def varied(*leaves: Any, entries: Any = ()) -> list[tuple[Any, list[Any]]]:
    from export_lsp.worker.targets.input_variations import variations

    return [(each, each.of(leaves)) for each in variations(leaves, entries)]


def entry(leaf: int, axis: int, size: int, dim: Any) -> Any:
    return SimpleNamespace(leaf=leaf, axis=axis, size=size, dim=dim)


def test_the_example_comes_first_and_is_left_alone() -> None:
    leaves = [torch.arange(4), "text", torch.tensor([True, False])]
    before = [leaves[0].clone(), "text", leaves[2].clone()]
    [(_, first), *_] = varied(*leaves)
    for found in (first, leaves):
        assert torch.equal(found[0], before[0])
        assert torch.equal(found[2], before[2])


def test_masks_select_everything_and_nothing() -> None:
    counts = {int(mask.sum()) for _, (mask,) in varied(torch.tensor([True, False, True]))}
    assert {0, 3} <= counts


def test_integers_grow_but_do_not_become_negative() -> None:
    values = [value for _, (value,) in varied(torch.tensor([1, 4, 2]))]
    assert max(int(value.max()) for value in values) >= 8
    assert min(int(value.min()) for value in values) == 0
    assert min(int(value.min()) for _, (value,) in varied(torch.tensor([-1, 4]))) == -1


def test_each_tensor_is_also_varied_alone() -> None:
    one, other = torch.tensor([1.0, 2.0]), torch.tensor([3, 4])
    alone = [v for variation, v in varied(one, other) if variation.values == "zero"]
    assert [[bool(leaf.any()) for leaf in leaves] for leaves in alone] == [
        [False, False],
        [False, True],
        [True, False],
    ]


def test_sizes_stay_in_the_range_of_their_dim() -> None:
    n = SimpleNamespace(__name__="n", min=4, max=9)
    twice = SimpleNamespace(__name__="2*n", root=n, fn=lambda size: 2 * size)
    entries = [entry(0, 0, 5, n), entry(1, 1, 10, twice)]
    sizes = {
        (one.shape[0], other.shape[1])
        for _, (one, other) in varied(torch.zeros(5, 2), torch.zeros(2, 10), entries=entries)
    }
    assert sizes == {(5, 10), (6, 12)}


def test_a_hint_promises_nothing() -> None:
    leaves = (torch.zeros(5),)
    for name, promised in (("n", True), (None, False)):
        dim = SimpleNamespace(**({"__name__": name} if name else {}))
        resized = [v for v, _ in varied(*leaves, entries=[entry(0, 0, 5, dim)]) if v.sizes]
        assert {each.promised for each in resized} == {promised}


def test_odd_tensors_can_be_varied() -> None:
    for leaf in (
        torch.tensor(3),
        torch.zeros(0, 2),
        torch.zeros(0).long(),
        torch.randn(2).cfloat(),
    ):
        for _, (value,) in varied(leaf):
            assert value.shape == leaf.shape
            assert value.dtype == leaf.dtype
