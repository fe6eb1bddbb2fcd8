"""Modules and higher-order operators of torch's own tests, with the inputs of these tests."""

from __future__ import annotations

from tests.wild.case import Case, Library
from tests.wild.libraries.stacks import DEVELOPED

# Of `torch.testing._internal.common_modules.module_db`.
MODULES = """
    AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d
    AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d BatchNorm1d BatchNorm2d BatchNorm3d CELU
    Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d CosineEmbeddingLoss
    ELU L1Loss SmoothL1Loss LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d
    LazyConvTranspose2d LazyConvTranspose3d Linear Bilinear LPPool1d LPPool2d LPPool3d
    MaxPool1d MaxPool2d MaxPool3d KLDivLoss MSELoss MarginRankingLoss MultiLabelMarginLoss
    MultiMarginLoss SoftMarginLoss MultiLabelSoftMarginLoss NLLLoss GaussianNLLLoss
    PoissonNLLLoss HingeEmbeddingLoss HuberLoss BCELoss BCEWithLogitsLoss CrossEntropyLoss
    LinearCrossEntropyLoss CTCLoss GELU GLU GroupNorm Hardshrink Hardswish Hardtanh
    InstanceNorm1d InstanceNorm2d InstanceNorm3d LocalResponseNorm LayerNorm RMSNorm
    TransformerEncoder TransformerEncoderLayer TransformerDecoderLayer Transformer
    MultiheadAttention Embedding ReLU LeakyReLU ReLU6 PReLU RNNCell GRUCell LSTMCell Sigmoid
    LogSigmoid SiLU Softmax Softmax2d LogSoftmax Softmin Softplus Softshrink Softsign Tanh
    Tanhshrink Threshold Mish RNN GRU LSTM ReflectionPad1d ReflectionPad2d ReflectionPad3d
    ReplicationPad1d ReplicationPad2d ReplicationPad3d SELU ZeroPad1d ZeroPad2d ZeroPad3d
    CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d
"""

# Of `torch.testing._internal.hop_db.hop_db`, with the variant of the inputs.
OPERATORS = (
    ("scan", "simple"),
    ("invoke_subgraph", "simple"),
    ("map", "simple"),
    ("map", "nested"),
    ("map", "triple_nested"),
    ("cond", "simple"),
    ("while_loop", "simple"),
    ("auto_functionalize", "simple"),
    ("flex_attention", "simple"),
    ("local_map_hop", "simple"),
)

MODULE = """
from torch.testing._internal.common_modules import module_db

[info] = [each for each in module_db if each.name == "nn.{name}"]
options = dict(device="cpu", dtype=torch.float32, requires_grad=False, training=False)
[sample, *_] = info.module_inputs_func(info, **options)
made_of, inputs = sample.constructor_input, sample.forward_input
example_kwargs = inputs.kwargs
"""

OPERATOR = """
from torch.testing._internal.hop_db import hop_db

[info] = [
    each for each in hop_db if (each.name, each.variant_test_name) == ("{name}", "{variant}")
]
[sample, *_] = info.sample_inputs_func(info, "cpu", torch.float32, False)


class Model(torch.nn.Module):
    def forward(self, *args):
        return info.op(*args)
"""


def _module(name: str) -> Case:
    return Case(
        f"nn.{name}",
        "info.module_cls(*made_of.args, **made_of.kwargs).eval()",
        ("*inputs.args",),
        setup=MODULE.format(name=name),
        dynamic=None,
    )


def _operator(name: str, variant: str) -> Case:
    return Case(
        f"{name} {variant}",
        "Model()",
        ("sample.input", "*sample.args"),
        setup=OPERATOR.format(name=name, variant=variant),
        dynamic=None,
    )


LIBRARY = Library(
    name="torch-tests",
    module="torch",
    environment="torch",
    requirements=(*DEVELOPED, "expecttest", "numpy"),
    setup="",
    cases=(*map(_module, MODULES.split()), *(_operator(*each) for each in OPERATORS)),
)
