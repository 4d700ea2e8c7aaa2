"""The fifteen common corruptions in Python, with the libraries of the benchmark's own program, one image at a time.

python corruptions.py TEST_BATCH FROST_FOLDER IMAGES SEVERITY
Prints JSON: seconds for each corruption of the first IMAGES records of CIFAR-10's test_batch.bin. As in the benchmark's
program, frost reads its photograph for every image. Needs numpy, scipy, scikit-image, opencv-python-headless and pillow.
"""
import json
import sys
import time
from io import BytesIO
from os.path import join

import cv2
import numpy as np
from PIL import Image
from scipy.ndimage import map_coordinates, zoom
from skimage.color import hsv2rgb, rgb2hsv
from skimage.filters import gaussian
from skimage.util import random_noise

SIDE = 32
chance = np.random.default_rng(0)


def scaled(values):
    return np.clip(values, 0, 1) * 255


def gaussian_noise(x, c):
    return scaled(x / 255.0 + chance.normal(size=x.shape, scale=c))


def shot_noise(x, c):
    return scaled(chance.poisson(x / 255.0 * c) / c)


def impulse_noise(x, c):
    return scaled(random_noise(x / 255.0, mode="s&p", amount=c, rng=chance))


def blurred(x, sigma):
    return gaussian(x / 255.0, sigma=sigma, channel_axis=-1)


def glass_blur(x, c):
    sigma, reach, rounds = c
    x = np.uint8(blurred(x, sigma) * 255)
    for _ in range(rounds):
        for row in range(SIDE - reach, reach, -1):
            for column in range(SIDE - reach, reach, -1):
                across, down = chance.integers(-reach, reach, size=(2,))
                x[row, column] = x[row + down, column + across]
    return scaled(blurred(x, sigma))


def defocus_blur(x, c):
    radius, sigma = c
    line = np.arange(-8, 9)
    across, down = np.meshgrid(line, line)
    disk = np.array(across**2 + down**2 <= radius**2, dtype=np.float32)
    kernel = cv2.GaussianBlur(disk / disk.sum(), ksize=(3, 3), sigmaX=sigma)
    x = x / 255.0
    return scaled(np.stack([cv2.filter2D(x[:, :, channel], -1, kernel) for channel in range(3)], axis=-1))


def streaked(x, radius, sigma, degrees):
    angle = np.deg2rad(degrees)
    weights = np.exp(-np.arange(2 * radius + 1) ** 2 / (2.0 * sigma**2))
    weights /= weights.sum()
    padded = np.pad(x.astype(np.float32), [(2 * radius + 1,) * 2] * 2 + [(0, 0)] * (x.ndim - 2), mode="edge")
    result = np.zeros(x.shape, dtype=np.float32)
    for tap, weight in enumerate(weights):
        top = 2 * radius + 1 + int(np.ceil(tap * np.sin(angle) - 0.5))
        left = 2 * radius + 1 + int(np.ceil(tap * np.cos(angle) - 0.5))
        result += weight * padded[top : top + SIDE, left : left + SIDE]
    return np.uint8(result + 0.5)


def motion_blur(x, c):
    return streaked(x, *c, chance.uniform(-45, 45))


def clipped_zoom(x, factor):
    side = int(np.ceil(SIDE / factor))
    top = (SIDE - side) // 2
    x = zoom(x[top : top + side, top : top + side], (factor, factor, 1), order=1)
    top = (x.shape[0] - SIDE) // 2
    return x[top : top + SIDE, top : top + SIDE]


def zoom_blur(x, end):
    x = (x / 255.0).astype(np.float32)
    factors = np.arange(1, end, 0.01)
    total = np.zeros_like(x)
    for factor in factors:
        total += clipped_zoom(x, factor)
    return scaled((x + total) / (len(factors) + 1))


def plasma(decay):
    heights = np.empty((SIDE, SIDE))
    heights[0, 0] = 0
    step, wibble = SIDE, 100

    def shaken(total):
        return total / 4 + wibble * chance.uniform(-wibble, wibble, total.shape)

    while step >= 2:
        half = step // 2
        corners = heights[0:SIDE:step, 0:SIDE:step]
        total = corners + np.roll(corners, -1, axis=0)
        total += np.roll(total, -1, axis=1)
        heights[half:SIDE:step, half:SIDE:step] = shaken(total)
        middles = heights[half:SIDE:step, half:SIDE:step]
        corners = heights[0:SIDE:step, 0:SIDE:step]
        above = middles + np.roll(middles, 1, axis=0) + corners + np.roll(corners, -1, axis=1)
        heights[0:SIDE:step, half:SIDE:step] = shaken(above)
        beside = middles + np.roll(middles, 1, axis=1) + corners + np.roll(corners, -1, axis=0)
        heights[half:SIDE:step, 0:SIDE:step] = shaken(beside)
        step //= 2
        wibble /= decay
    heights -= heights.min()
    return heights / heights.max()


def fog(x, c):
    weight, decay = c
    x = x / 255.0
    most = x.max()
    return scaled((x + weight * plasma(decay)[..., np.newaxis]) * most / (most + weight))


frost_names = ["frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg"]
frost_folder = None


def frost(x, c):
    photograph = cv2.imread(join(frost_folder, frost_names[chance.integers(5)]))
    photograph = cv2.resize(photograph, (0, 0), fx=0.2, fy=0.2)
    top, left = chance.integers(0, photograph.shape[0] - SIDE), chance.integers(0, photograph.shape[1] - SIDE)
    return np.clip(c[0] * x + c[1] * photograph[top : top + SIDE, left : left + SIDE][..., [2, 1, 0]], 0, 255)


def snow(x, c):
    mean, deviation, factor, threshold, radius, sigma, share = c
    x = x.astype(np.float32) / 255.0
    layer = clipped_zoom(chance.normal(size=(SIDE, SIDE, 1), loc=mean, scale=deviation), factor)
    layer[layer < threshold] = 0
    layer = np.uint8(np.clip(layer.squeeze(), 0, 1) * 255)
    layer = (streaked(layer, radius, sigma, chance.uniform(-135, -45)) / 255.0)[..., np.newaxis]
    grey = cv2.cvtColor(x, cv2.COLOR_RGB2GRAY).reshape(SIDE, SIDE, 1)
    x = share * x + (1 - share) * np.maximum(x, grey * 1.5 + 0.5)
    return scaled(x + layer + np.rot90(layer, k=2))


def contrast(x, c):
    x = x / 255.0
    means = x.mean(axis=(0, 1), keepdims=True)
    return scaled((x - means) * c + means)


def brightness(x, c):
    x = rgb2hsv(x / 255.0)
    x[:, :, 2] = np.clip(x[:, :, 2] + c, 0, 1)
    return scaled(hsv2rgb(x))


def jpeg_compression(x, quality):
    file = BytesIO()
    Image.fromarray(x).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))


def pixelate(x, share):
    small = Image.fromarray(x).resize((int(SIDE * share),) * 2, Image.BOX)
    return np.array(small.resize((SIDE, SIDE), Image.BOX))


def elastic_transform(x, c):
    length, sigma, reach = (SIDE * part for part in c)
    x = x.astype(np.float32) / 255.0
    centre, arm = np.float32([SIDE // 2, SIDE // 2]), SIDE // 3
    anchors = np.float32([centre + arm, [centre[0] + arm, centre[1] - arm], centre - arm])
    moved = anchors + chance.uniform(-reach, reach, size=anchors.shape).astype(np.float32)
    x = cv2.warpAffine(x, cv2.getAffineTransform(anchors, moved), (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT_101)
    fields = [gaussian(chance.uniform(-1, 1, size=(SIDE, SIDE)), sigma, mode="reflect", truncate=3) * length for _ in range(2)]
    columns, rows, channels = np.meshgrid(np.arange(SIDE), np.arange(SIDE), np.arange(3))
    places = rows + fields[1][..., np.newaxis], columns + fields[0][..., np.newaxis], channels
    places = [np.reshape(place, (-1, 1)) for place in places]
    return scaled(map_coordinates(x, places, order=1, mode="reflect").reshape(x.shape))


constants = {
    gaussian_noise: [0.04, 0.06, 0.08, 0.09, 0.1],
    shot_noise: [500, 250, 100, 75, 50],
    impulse_noise: [0.01, 0.02, 0.03, 0.05, 0.07],
    defocus_blur: [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)],
    glass_blur: [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)],
    motion_blur: [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)],
    zoom_blur: [1.06, 1.11, 1.16, 1.21, 1.26],
    snow: [
        (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
        (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
    ],
    frost: [(1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)],
    fog: [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)],
    brightness: [0.05, 0.1, 0.15, 0.2, 0.3],
    contrast: [0.75, 0.5, 0.4, 0.3, 0.15],
    elastic_transform: [(0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)],
    pixelate: [0.95, 0.9, 0.85, 0.75, 0.65],
    jpeg_compression: [80, 65, 58, 50, 40],
}
def main():
    global frost_folder
    batch, frost_folder, images, severity = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    cv2.setNumThreads(1)
    records = np.fromfile(batch, dtype=np.uint8, count=images * 3073).reshape(images, 3073)
    clean = np.ascontiguousarray(records[:, 1:].reshape(images, 3, SIDE, SIDE).transpose(0, 2, 3, 1))
    seconds = {}
    for corrupt, values in constants.items():
        start = time.perf_counter()
        np.array([np.uint8(corrupt(image.copy(), values[severity - 1])) for image in clean])
        seconds[corrupt.__name__] = time.perf_counter() - start
    print(json.dumps(seconds))


main()
