"""A helper file: it defines no module, so there is nothing to export."""

import math


def cosine_schedule(step, warmup, total, peak=1e-3):
    if step < warmup:
        return peak * step / warmup
    progress = (step - warmup) / max(1, total - warmup)
    return peak * 0.5 * (1 + math.cos(math.pi * progress))
