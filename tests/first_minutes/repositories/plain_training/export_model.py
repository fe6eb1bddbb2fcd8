"""Exports a trained classifier."""

import sys

import torch
from models import LeafClassifier


def main(checkpoint):
    model = LeafClassifier(width=16, classes=12, image_size=48)
    model.load_state_dict(torch.load(checkpoint))
    model.eval()
    program = torch.export.export(model, (torch.randn(1, 3, 48, 48),))
    torch.export.save(program, "leaves.pt2")


if __name__ == "__main__":
    main(sys.argv[1])
