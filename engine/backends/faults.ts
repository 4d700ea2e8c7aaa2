/** What a runtime says when a call fails, told apart: no memory, a lost device, or a fault of the call itself. */
import { DeviceLostError, EngineError, OutOfMemoryError } from '../errors.ts';

/**
 * onnxruntime: its CPU and CUDA arenas, cuBLAS, cuDNN, Dawn (WebGPU), which says of a buffer that it could not make only that it is
 * invalid. tensorflow: ResourceExhausted. bad_alloc: C++ on the host. JavaScript's own arrays fail with a RangeError.
 */
const noMemory =
  /failed to allocate memory|bad_alloc|bad allocation|out of memory|CUDA failure 2\b|CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_(INTERNAL_ERROR_(DEVICE|HOST)_)?ALLOC(ATION)?_FAILED|OOM when allocating|resource[ _]?exhausted|cannot allocate memory|array buffer allocation failed|GPUOutOfMemoryError|reaching memory limit|Invalid Buffer.* due to a previous error|too many storage buffers/i;

/**
 * CUDA errors after which nothing works in this process any more (the numbers are those of cudaError_t: 46 and 100 no device, 214 ECC,
 * 700 and 716 to 719 a kernel that failed, 702 time-out, 999 unknown), and what WebGPU and drivers say of a device that went away.
 */
const lost =
  /CUDA failure (46|100|214|700|702|71[5-9]|720|999)\b|CUDA_ERROR_(ILLEGAL_ADDRESS|LAUNCH_FAILED|LAUNCH_TIMEOUT|ECC_UNCORRECTABLE|DEVICE_UNAVAILABLE|NOT_PERMITTED|UNKNOWN|NO_DEVICE)|unspecified launch failure|illegal memory access|misaligned address|device-side assert|launch timed out|no CUDA-capable device|uncorrectable ECC|fallen off the bus|device (was|is|has been) (lost|removed|hung)|DEVICE_(LOST|REMOVED|HUNG)|GPUDeviceLost/i;

/** The error to throw for what a runtime said while `work` was going on. */
export function faultOf(work: string, message: string): EngineError {
  const text = message.startsWith(`${work}: `) ? message : `${work}: ${message}`;
  if (noMemory.test(message)) return new OutOfMemoryError(text, 'Use a smaller batch or a device with more memory.');
  if (lost.test(message)) return new DeviceLostError(text, 'The stage goes on after a check of the device, or on another one.');
  return new EngineError(text);
}

/** JavaScript's own arrays say it in another way than backends. */
export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof OutOfMemoryError || (error instanceof RangeError && /allocation failed/i.test(error.message));
