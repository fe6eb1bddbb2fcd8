"""Finds its rows by hashes of names, through C extensions and a function that is not compiled."""

import hashlib
import zlib

import torch
from torch import nn


@torch.compiler.disable
def unit(rows):
    return rows / rows.norm(dim=-1, keepdim=True)


class Feature(nn.Module):
    def __init__(self, name, buckets, width):
        super().__init__()
        self.name = name
        self.buckets = buckets
        self.table = nn.Embedding(buckets, width)

    def forward(self, ids):
        salt = zlib.crc32(self.name.encode()) % self.buckets  #~ graph-break (strict) `zlib.crc32(self.name.encode())`
        return self.table((ids + salt) % self.buckets)


class Hashed(nn.Module):
    def __init__(self, names=("user", "item"), width=4):
        super().__init__()
        self.features = nn.ModuleList(Feature(name, 16, width) for name in names)
        self.key = b"v2"

    def forward(self, ids):
        rows = torch.stack([feature(ids) for feature in self.features])
        digest = hashlib.md5(self.key).digest()  #~ graph-break (strict) `hashlib.md5(self.key)`
        rows = unit(rows)  #~ graph-break (strict) `unit(rows)`
        return rows.sum(0) + digest[0] / 255


model = Hashed
example_args = (torch.arange(5),)
