"""Images a second of whole training steps of TRADES and AT-AWP in PyTorch, as their official codes take them, on real images.

Arguments: folder of the yardstick, folder of the datasets, model, batch, threads, seconds. Prints JSON.
"""
import json
import sys

import torch
import torch.nn.functional as F

folder, data, name, batch, threads, seconds = sys.argv[1:]
sys.path.insert(0, folder)
import rift_torch as yardstick  # noqa: E402
from laps import rate  # noqa: E402

EPSILON, STEP, STEPS, BETA, GAMMA = 8 / 255, 2 / 255, 10, 6.0, 0.01

torch.set_num_threads(int(threads))
torch.manual_seed(0)
images, labels = yardstick.load_cifar10(data, 'test', int(batch))
x, y = yardstick.to_float(images), labels
model, proxy = yardstick.make_model(name), yardstick.make_model(name)
optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)


def ascend(start, loss):
    adversarial = start
    for _ in range(STEPS):
        adversarial.requires_grad_()
        gradient, = torch.autograd.grad(loss(adversarial), adversarial)
        adversarial = adversarial.detach() + STEP * gradient.sign()
        adversarial = torch.min(torch.max(adversarial, x - EPSILON), x + EPSILON).clamp(0, 1)
    return adversarial.detach()


def trades():
    """yaodongyu/TRADES, but that the clean prediction of the attack is made once and not at every step."""
    model.eval()
    with torch.no_grad():
        clean = F.softmax(model(x), dim=1)
    divergence = lambda adversarial: F.kl_div(F.log_softmax(model(adversarial), dim=1), clean, reduction='sum')
    adversarial = ascend(x + 0.001 * torch.randn_like(x), divergence)
    model.train()
    optimiser.zero_grad()
    natural = F.cross_entropy(model(x), y)
    robust = F.kl_div(F.log_softmax(model(adversarial), dim=1), F.softmax(model(x), dim=1), reduction='batchmean')
    (natural + BETA * robust).backward()
    optimiser.step()


def awp():
    """csdongxian/AWP, AT_AWP: everything in training mode."""
    model.train()
    adversarial = ascend((x + torch.empty_like(x).uniform_(-EPSILON, EPSILON)).clamp(0, 1), lambda adversarial: F.cross_entropy(model(adversarial), y))
    with torch.no_grad():
        model(adversarial)
    proxy.load_state_dict(model.state_dict())
    proxy.train()
    proxy.zero_grad()
    F.cross_entropy(proxy(adversarial), y).backward()
    with torch.no_grad():
        moved = [(own, GAMMA * own.norm() / (other.grad.norm() + 1e-20) * other.grad)
                 for own, other in zip(model.parameters(), proxy.parameters()) if own.dim() > 1]
        for own, change in moved:
            own.add_(change)
    optimiser.zero_grad()
    F.cross_entropy(model(adversarial), y).backward()
    optimiser.step()
    with torch.no_grad():
        for own, change in moved:
            own.sub_(change)
        model(x)


print(json.dumps({'TRADES': rate(trades, len(x), float(seconds)), 'AWP': rate(awp, len(x), float(seconds))}))
