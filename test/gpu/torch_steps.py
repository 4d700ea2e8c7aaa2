"""Images a second of PGD-10 and of a training step in eager PyTorch, for comparison with the engine on the same device.

python torch_steps.py --device cuda:0 --model RESNET18 --batch 128 --steps 10 --seconds 4 --tf32
prints one line of JSON: {"attack": image steps a second, "training": images a second, "megabytes": of the GPU, ...}.
"""
import argparse
import json
import time

import torch
from torch import nn
from torch.nn import functional

SHAPES = {'RESNET8': ((1, 1, 1), 16), 'RESNET18': ((2, 2, 2, 2), 64)}


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    """For images of 32 x 32 in [0, 1]: the normalisation is the first thing that it does."""

    def __init__(self, blocks, width):
        super().__init__()
        self.register_buffer('mean', torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1, 1))
        self.register_buffer('deviation', torch.tensor([0.2471, 0.2435, 0.2616]).view(1, 3, 1, 1))
        layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        inputs = width
        for stage, count in enumerate(blocks):
            outputs = width * 2**stage
            for index in range(count):
                layers.append(Block(inputs, outputs, 2 if stage > 0 and index == 0 else 1))
                inputs = outputs
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(inputs, 10)

    def forward(self, images):
        features = self.layers((images - self.mean) / self.deviation)
        return self.head(features.mean((2, 3)))


def attack(model, images, labels, steps, epsilon=8 / 255, step_size=2 / 255):
    adversarial = images
    for _ in range(steps):
        adversarial = adversarial.detach().requires_grad_(True)
        loss = functional.cross_entropy(model(adversarial), labels)
        (gradient,) = torch.autograd.grad(loss, adversarial)
        moved = adversarial.detach() + step_size * gradient.sign()
        adversarial = torch.clamp(torch.minimum(torch.maximum(moved, images - epsilon), images + epsilon), 0, 1)
    return adversarial


def rate(work, amount, seconds, synchronise):
    """Amount a second: the median over calls made for so long, after three that do not count."""
    for _ in range(3):
        work()
    synchronise()
    laps = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(laps) < 3:
        began = time.perf_counter()
        work()
        synchronise()
        laps.append(time.perf_counter() - began)
    laps.sort()
    return amount / laps[(len(laps) - 1) // 2]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--device', default='cuda:0')
    parser.add_argument('--model', choices=sorted(SHAPES), default='RESNET18')
    parser.add_argument('--batch', type=int, default=128)
    parser.add_argument('--steps', type=int, default=10)
    parser.add_argument('--seconds', type=float, default=4)
    parser.add_argument('--threads', type=int, default=0)
    parser.add_argument('--tf32', action='store_true')
    options = parser.parse_args()

    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    torch.set_float32_matmul_precision('high' if options.tf32 else 'highest')
    torch.backends.cudnn.allow_tf32 = options.tf32
    torch.backends.cudnn.benchmark = True
    device = torch.device(options.device)
    is_gpu = device.type == 'cuda'
    synchronise = torch.cuda.synchronize if is_gpu else (lambda: None)

    model = ResNet(*SHAPES[options.model]).to(device)
    images = torch.rand(options.batch, 3, 32, 32)
    labels = torch.randint(0, 10, (options.batch,))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)

    def attack_once():
        return attack(model, images.to(device), labels.to(device), options.steps)

    def train_once():
        optimiser.zero_grad(set_to_none=True)
        functional.cross_entropy(model(images.to(device)), labels.to(device)).backward()
        optimiser.step()

    model.eval()
    attacked = rate(attack_once, options.batch * options.steps, options.seconds, synchronise)
    model.train()
    trained = rate(train_once, options.batch, options.seconds, synchronise)
    memory = torch.cuda.max_memory_reserved() / 2**20 if is_gpu else None
    name = torch.cuda.get_device_name(device) if is_gpu else 'CPU'
    print(json.dumps({'attack': attacked, 'training': trained, 'megabytes': memory, 'torch': torch.__version__, 'device': name}))


main()
