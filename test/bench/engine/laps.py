"""How often a call can be made, by the median of its laps after one to warm up."""
import time

import numpy as np


def rate(call, batch, seconds):
    """Images a second: calls of `batch` images for so many seconds, three at least."""
    call()
    laps, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(laps) < 3:
        began = time.perf_counter()
        call()
        laps.append(time.perf_counter() - began)
    return batch / float(np.median(laps))
