"""A Llama configuration of transformers, 32 layers."""

import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        config = LlamaConfig(
            hidden_size=256,
            intermediate_size=512,
            num_hidden_layers=32,
            num_attention_heads=8,
            num_key_value_heads=8,
            vocab_size=1000,
            use_cache=False,
        )
        self.llama = LlamaForCausalLM(config)

    def forward(self, ids):
        y = self.llama(ids).logits
        picked = y[y > 0]
        if picked.shape[0] == NUMBER:
            return y
        return y + picked.sum()


NUMBER = 1
model = Net().eval()
example_args = (torch.randint(0, 1000, (1, 16)),)
