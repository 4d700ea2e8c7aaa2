"""Images a second of attack steps in PyTorch on real images: PGD on a ViT-Ti/4, and Auto-PGD as its authors' code takes it.

Arguments: folder of the yardstick, folder of the datasets, `vit` or `apgd`, model of apgd, batch, threads, seconds. Prints JSON.
"""
import json
import sys

import torch
import torch.nn.functional as F
from torch import nn

folder, data, what, name, batch, threads, seconds = sys.argv[1:]
sys.path.insert(0, folder)
import rift_torch as yardstick  # noqa: E402
from laps import rate  # noqa: E402

EPSILON, STEP = 8 / 255, 2 / 255

torch.set_num_threads(int(threads))
torch.manual_seed(0)
images, labels = yardstick.load_cifar10(data, 'test', int(batch))
x, y = yardstick.to_float(images), labels


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim, eps=1e-6), nn.LayerNorm(dim, eps=1e-6)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.fc1, self.fc2 = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, tokens):
        count, length, dim = tokens.shape
        q, k, v = self.qkv(self.norm1(tokens)).reshape(count, length, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(count, length, dim)
        tokens = tokens + self.proj(mixed)
        return tokens + self.fc2(F.gelu(self.fc1(self.norm2(tokens))))


class Vit(yardstick.Normalised):
    """VIT_TINY: 12 blocks of 192 features and 3 heads, on patches of 4 x 4."""

    def __init__(self, dim=192, depth=12, heads=3, patch=4):
        super().__init__()
        self.patch_embed = nn.Conv2d(3, dim, patch, patch)
        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 1 + (32 // patch) ** 2, dim))
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.norm_out, self.head = nn.LayerNorm(dim, eps=1e-6), nn.Linear(dim, 10)

    def forward(self, x):
        tokens = self.patch_embed(self.norm(x)).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), tokens], 1) + self.pos_embed
        return self.head(self.norm_out(self.blocks(tokens))[:, 0])


def gradient_of(model, point):
    point.requires_grad_()
    logits = model(point)
    losses = F.cross_entropy(logits, y, reduction='none')
    gradient, = torch.autograd.grad(losses.sum(), point)
    return gradient, losses.detach(), logits.detach().argmax(1) == y


def pgd(model):
    point = x

    def step():
        nonlocal point
        gradient, _, _ = gradient_of(model, point)
        moved = point.detach() + STEP * gradient.sign()
        point = torch.min(torch.max(moved, x - EPSILON), x + EPSILON).clamp(0, 1)

    return step


def apgd(model):
    """The loop of autopgd_base.py for l-infinity, without its checkpoints, which are few."""
    point = x.clone()
    previous, best_point, best_gradient = point.clone(), point.clone(), torch.zeros_like(x)
    gradient, losses, _ = gradient_of(model, point)
    best, size = losses.clone(), 2 * EPSILON * torch.ones(len(x), 1, 1, 1)

    def within(moved):
        return torch.clamp(torch.min(torch.max(moved, x - EPSILON), x + EPSILON), 0.0, 1.0)

    def step():
        nonlocal point, previous, gradient
        with torch.no_grad():
            point = point.detach()
            drift, previous = point - previous, point.clone()
            moved = within(point + size * torch.sign(gradient))
            point = within(point + (moved - point) * 0.75 + drift * 0.25) + 0.0
        gradient, losses, _ = gradient_of(model, point)
        with torch.no_grad():
            better = (losses > best).nonzero().squeeze(1)
            best_point[better], best_gradient[better], best[better] = point[better].clone(), gradient[better].clone(), losses[better]

    return step


model = (Vit() if what == 'vit' else yardstick.make_model(name)).eval()
for parameter in model.parameters():
    parameter.requires_grad_(False)
print(json.dumps({'img_per_s': rate(pgd(model) if what == 'vit' else apgd(model), len(x), float(seconds))}))
