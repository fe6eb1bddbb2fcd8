"""Files of small operators and models, as many as wanted: all different, none with a problem."""

from __future__ import annotations

import itertools
from pathlib import Path

# Expressions of `x`, a tensor of (ROWS, 8), and of `y` with the same shape.
OPERATORS = (
    *(f"torch.{name}(x)" for name in (
        "abs", "acos", "asinh", "atan", "ceil", "cos", "cosh", "deg2rad", "digamma", "erf", "erfc",
        "exp", "expm1", "floor", "frac", "isfinite", "isinf", "isnan", "lgamma", "logit", "neg",
        "nan_to_num", "positive", "rad2deg", "relu", "round", "selu", "sgn", "sigmoid", "sign",
        "signbit", "sin", "sinc", "sinh", "square", "tan", "tanh", "trunc",
    )),
    *(f"torch.{name}(x, y)" for name in (
        "add", "atan2", "copysign", "dist", "div", "eq", "fmax", "fmin", "fmod", "ge", "hypot",
        "logaddexp", "maximum", "minimum", "mul", "ne", "remainder", "sub", "xlogy",
    )),
    *(f"x.{name}(dim=1)" for name in (
        "all", "amax", "amin", "any", "argmax", "argmin", "cumprod", "cumsum", "logcumsumexp",
        "mean", "prod", "softmax", "log_softmax", "std", "sum", "var",
    )),
    "x @ y.T", "torch.addmm(x @ x.T, x, y.T)", "torch.bmm(x[None], y.T[None])",
    "torch.cat([x, y], 1)", "torch.cdist(x, y)", "torch.chunk(x, 2, 1)[0]", "torch.clamp(x, 0, 1)",
    "torch.diag(x @ x.T)", "torch.einsum('ij,kj->ik', x, y)", "torch.flip(x, (0,))",
    "torch.gather(x, 1, torch.zeros(ROWS, 1, dtype=torch.long))", "torch.kron(x, y)",
    "torch.linalg.norm(x)", "torch.logsumexp(x, 1)", "torch.outer(x[0], y[0])",
    "torch.roll(x, 1)", "torch.stack([x, y])", "torch.topk(x, 2).values", "torch.tril(x)",
    "torch.where(x > y, x, y)", "x.expand(2, -1, -1)", "x.masked_fill(x > 0, 0)", "x.repeat(2, 1)",
    "x.reshape(-1)", "x.sort(1).values", "x.transpose(0, 1)", "x.unfold(1, 2, 2)", "x[:, ::2]",
)  # fmt: skip
LAYERS = (
    *(f"nn.{name}()" for name in (
        "CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh",
        "LeakyReLU", "LogSigmoid", "Mish", "PReLU", "ReLU6", "SiLU", "Softplus", "Softshrink",
        "Softsign", "Tanhshrink",
    )),
    "nn.Linear(8, ROWS)", "nn.LayerNorm(8)", "nn.Identity()", "nn.Dropout(0.1).eval()",
    "nn.BatchNorm1d(8).eval()",
)  # fmt: skip
SEQUENCES = (
    "nn.Linear(8, ROWS), nn.ReLU(), nn.Linear(ROWS, 4)",
    "nn.Linear(8, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, ROWS), nn.Softmax(-1)",
    "nn.Unflatten(1, (1, 8)), nn.Conv1d(1, 4, 3), nn.BatchNorm1d(4), nn.ReLU(), nn.Flatten()",
    "nn.Unflatten(1, (2, 2, 2)), nn.Conv2d(2, ROWS, 2), nn.MaxPool2d(1), nn.Flatten()",
)
BLOCK = """\
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(8, 8) for _ in range(3))
        self.norm = nn.LayerNorm(8)

    def forward(self, x, y):
        scores = self.query(x) @ self.key(y).T / 8**0.5
        return self.norm(x + torch.softmax(scores, -1) @ self.value(y))
"""
OPERATOR = """\
class Model(nn.Module):
    def forward(self, x, y):
        return {expression}
"""
SEQUENCE = """\
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential({layers})

    def forward(self, x, y):
        return self.layers(x)
"""
FILE = """\
import torch
from torch import nn


{model}

model = Model().eval()
example_args = (torch.randn({rows}, 8), torch.randn({rows}, 8))
"""

_CLASSES = (
    *(OPERATOR.format(expression=expression) for expression in OPERATORS),
    *(SEQUENCE.format(layers=layers) for layers in (*LAYERS, *SEQUENCES)),
    BLOCK,
)


def write_small_models(folder: Path, count: int) -> list[Path]:
    """Write this many files; return their paths."""
    files = []
    for number, text in enumerate(itertools.islice(itertools.cycle(_CLASSES), count)):
        rows = 3 + number // len(_CLASSES)
        model = text.replace("ROWS", str(rows))
        file = folder / f"model_{number}.py"
        file.write_text(FILE.format(model=model, rows=rows))
        files.append(file)
    return files
