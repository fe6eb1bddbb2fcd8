"""Optional imports fail quietly, and the module prints, seeds and warns while it is loaded."""

import random
import warnings

import torch
from torch import nn

try:
    import fast_attention_that_is_not_installed as fast
except ImportError:
    fast = None
    warnings.warn("falling back to plain attention", stacklevel=1)

torch.manual_seed(0)
random.seed(0)
torch.set_float32_matmul_precision("high")
print("torch", torch.__version__, "threads", torch.get_num_threads())


class Attention(nn.Module):
    def __init__(self, dim=8, heads=2):
        super().__init__()
        if fast is not None:
            self.attention = fast.Attention(dim, heads)
        else:
            self.attention = nn.MultiheadAttention(dim, heads, batch_first=True)
        print(f"parameters: {sum(p.numel() for p in self.parameters()):,}")

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


model = Attention().eval()
example_args = (torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(1)),)
