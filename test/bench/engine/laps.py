"""How often a call can be made, by the median of its laps after one to warm up."""
import os
import time

import numpy as np

CORES = os.environ.get('BENCH_PROCESSOR_CORES')


def clock():
    """Seconds by the wall's clock, or what each of so many cores has of the processor's time."""
    return time.process_time() / int(CORES) if CORES else time.perf_counter()


def rate(call, batch, seconds):
    """Images a second: calls of `batch` images for so many seconds, three at least."""
    call()
    laps, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(laps) < 3:
        began = clock()
        call()
        laps.append(clock() - began)
    return batch / float(np.median(laps))
