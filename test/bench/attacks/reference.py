"""AutoAttack of its authors (github.com/fra31/auto-attack) on a public network: seconds of every attack by the wall's clock and the processor's.

Argument: a JSON object with package (the folder that holds theirs), checkpoint, layers and normalisation of the network, times (of
the last layer), datasets, images, epsilon, threads, seed, and attacks, `standard` or a list of one. Prints JSON.
"""
import json
import sys
import time

import numpy as np
import torch
from torch import nn

asked = json.loads(sys.argv[1])
sys.path.insert(0, asked['package'])
from autoattack import AutoAttack  # noqa: E402

torch.set_num_threads(asked['threads'])


class Residual(nn.Module):
    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers, self.shortcut = layers, shortcut

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


def build(layers, channels, size):
    """The layers, and channels and side of what they give."""
    modules = []
    for layer in layers:
        kind = layer['type']
        if kind == 'conv':
            modules.append(nn.Conv2d(channels, layer['filters'], layer['kernel'], layer['stride'], layer['padding']))
            channels, size = layer['filters'], (size + 2 * layer['padding'] - layer['kernel']) // layer['stride'] + 1
        elif kind == 'relu':
            modules.append(nn.ReLU())
        elif kind == 'flatten':
            modules.append(nn.Flatten())
            channels, size = channels * size * size, 1
        elif kind == 'linear':
            outputs = layer.get('outputs', 10)
            modules.append(nn.Linear(channels, outputs))
            channels = outputs
        elif kind == 'residual':
            inner, after, smaller = build(layer['layers'], channels, size)
            shortcut, _, _ = build(layer['shortcut'], channels, size)
            modules.append(Residual(inner, shortcut))
            channels, size = after, smaller
        else:
            raise ValueError(kind)
    return nn.Sequential(*modules), channels, size


class Normalised(nn.Module):
    def __init__(self, network, mean, deviation):
        super().__init__()
        self.network = network
        self.register_buffer('mean', torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer('deviation', torch.tensor(deviation).view(1, -1, 1, 1))

    def forward(self, x):
        return self.network((x - self.mean) / self.deviation)


def load():
    network, _, _ = build(asked['layers'], 3, 32)
    stored = torch.load(asked['checkpoint'], map_location='cpu', weights_only=True)
    stored = stored.get('state_dict', stored)
    stored = stored[0] if isinstance(stored, list) else stored
    values = [value for value in stored.values() if value.is_floating_point()]
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), values, strict=True):
            parameter.copy_(value)
        for parameter in list(network.parameters())[-2:]:
            parameter.mul_(asked['times'])
    return Normalised(network, **asked['normalisation']).eval()


records = np.fromfile(f"{asked['datasets']}/cifar-10-batches-bin/test_batch.bin", np.uint8).reshape(-1, 3073)[:asked['images']]
images = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).copy()).float() / 255
labels = torch.from_numpy(records[:, 0].copy()).long()
model = load()
attack = AutoAttack(model, norm='Linf', eps=asked['epsilon'], seed=asked['seed'], verbose=False, device='cpu')
names = attack.attacks_to_run if asked['attacks'] == 'standard' else asked['attacks']

with torch.no_grad():
    right = model(images).argmax(1) == labels
seconds, processor = {}, {}
for name in names:
    attack.attacks_to_run = [name]
    began, ran = time.perf_counter(), time.process_time()
    left = right.nonzero().squeeze(1)
    adversarial = attack.run_standard_evaluation(images[left], labels[left], bs=250)
    with torch.no_grad():
        right[left] = model(adversarial).argmax(1) == labels[left]
    seconds[name], processor[name] = time.perf_counter() - began, time.process_time() - ran
print(json.dumps({'seconds': seconds, 'processor': processor}))
