"""Fine-tunes DistilBERT to rate reviews."""

import argparse
import csv

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from transformers import (
    AutoTokenizer,
    DistilBertConfig,
    DistilBertModel,
    get_linear_schedule_with_warmup,
)

MAX_LENGTH = 64


class ReviewRater(nn.Module):
    """An encoder with a head that rates the mean of the tokens."""

    def __init__(self, config: DistilBertConfig, ratings: int = 5):
        super().__init__()
        self.encoder = DistilBertModel(config)
        self.dropout = nn.Dropout(config.seq_classif_dropout)
        self.head = nn.Linear(config.dim, ratings)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
        if attention_mask.sum() == 0:
            pooled = hidden.mean(dim=1)
        else:
            pooled = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
        return self.head(self.dropout(pooled))


class Reviews(Dataset):
    def __init__(self, path, tokenizer):
        with open(path, newline="") as stream:
            self.rows = list(csv.DictReader(stream))
        self.tokenizer = tokenizer

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        row = self.rows[index]
        encoded = self.tokenizer(
            row["text"],
            padding="max_length",
            truncation=True,
            max_length=MAX_LENGTH,
            return_tensors="pt",
        )
        return {
            "input_ids": encoded["input_ids"][0],
            "attention_mask": encoded["attention_mask"][0],
            "label": int(row["rating"]) - 1,
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="distilbert-base-uncased")
    parser.add_argument("--reviews", required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--lr", type=float, default=3e-5)
    args = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.model)
    config = DistilBertConfig.from_pretrained(args.model)
    model = ReviewRater(config)
    model.encoder.load_state_dict(DistilBertModel.from_pretrained(args.model).state_dict())
    loader = DataLoader(Reviews(args.reviews, tokenizer), batch_size=16, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
    schedule = get_linear_schedule_with_warmup(optimizer, 100, args.epochs * len(loader))
    criterion = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        for batch in loader:
            scores = model(batch["input_ids"], attention_mask=batch["attention_mask"])
            loss = criterion(scores, batch["label"])
            loss.backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        print(f"epoch {epoch}: loss {loss.item():.3f}")
    torch.save(model.state_dict(), "rater.pt")


if __name__ == "__main__":
    main()
