"""Images a second of one PGD step of a ViT-Ti/4 in PyTorch, on real images: fused attention, weights that need no gradient.

Arguments: folder of the yardstick, folder of the datasets, batch, threads, seconds. Prints JSON.
"""
import json
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

folder, data, batch, threads, seconds = sys.argv[1:]
sys.path.insert(0, folder)
import rift_torch as yardstick  # noqa: E402

DIM, DEPTH, HEADS, PATCH, SIDE, RATIO = 192, 12, 3, 4, 32, 4
EPSILON, STEP = 8 / 255, 2 / 255

torch.set_num_threads(int(threads))
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(DIM, eps=1e-6), nn.LayerNorm(DIM, eps=1e-6)
        self.qkv, self.proj = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)
        self.fc1, self.fc2 = nn.Linear(DIM, RATIO * DIM), nn.Linear(RATIO * DIM, DIM)

    def forward(self, x):
        images, tokens, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(images, tokens, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(images, tokens, DIM)
        x = x + self.proj(mixed)
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class ViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, DIM, PATCH, PATCH)
        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, DIM))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 1 + (SIDE // PATCH) ** 2, DIM))
        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm_out, self.head = nn.LayerNorm(DIM, eps=1e-6), nn.Linear(DIM, 10)

    def forward(self, x):
        tokens = self.patch_embed((x - MEAN) / SD).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), tokens], 1) + self.pos_embed
        return self.head(self.norm_out(self.blocks(tokens)[:, 0]))


MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1, 1)
SD = torch.tensor([0.2471, 0.2435, 0.2616]).view(1, 3, 1, 1)
images, y = yardstick.load_cifar10(data, 'test', int(batch))
x = yardstick.to_float(images)
model = ViT().eval().requires_grad_(False)


def step():
    start = x.clone().requires_grad_()
    gradient, = torch.autograd.grad(F.cross_entropy(model(start), y), start)
    moved = start.detach() + STEP * gradient.sign()
    return torch.min(torch.max(moved, x - EPSILON), x + EPSILON).clamp(0, 1)


step()
laps, end = [], time.perf_counter() + float(seconds)
while time.perf_counter() < end or len(laps) < 3:
    began = time.perf_counter()
    step()
    laps.append(time.perf_counter() - began)
print(json.dumps(int(batch) / float(np.median(laps))))
