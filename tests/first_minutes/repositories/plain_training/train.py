"""Trains the classifier."""

import argparse
import time

import torch
from models import LeafClassifier
from torch import nn
from torch.utils.data import DataLoader, Dataset


class LeafPictures(Dataset):
    """Pictures of one size, with the number of their species."""

    def __init__(self, count, size):
        self.count = count
        self.size = size

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        picture = torch.randn(3, self.size, self.size)
        return picture, index % 12


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--classes", type=int, default=12)
    parser.add_argument("--image-size", type=int, default=48)
    return parser.parse_args()


def train_epoch(model, loader, optimizer, device):
    criterion = nn.CrossEntropyLoss()
    model.train()
    for pictures, species in loader:
        pictures, species = pictures.to(device), species.to(device)
        optimizer.zero_grad()
        loss = criterion(model(pictures), species)
        loss.backward()
        optimizer.step()


def main():
    args = parse_arguments()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = LeafClassifier(args.width, args.classes, args.image_size).to(device)
    loader = DataLoader(LeafPictures(20_000, args.image_size), args.batch_size, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for epoch in range(args.epochs):
        began = time.perf_counter()
        train_epoch(model, loader, optimizer, device)
        print(f"epoch {epoch}: {time.perf_counter() - began:.1f} s")
        torch.save(model.state_dict(), "leaves.pt")


if __name__ == "__main__":
    main()
