/**
 * A device that breaks, for processes that tests start: preloaded by NODE_OPTIONS, it stands between the engine and the threads
 * that compute, where a driver's faults come in. FAULTY_DEVICE describes the fault as JSON (see faulty-device.ts).
 */
import { existsSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

const faults = JSON.parse(process.env.FAULTY_DEVICE ?? '[]').filter(({ within }) => process.argv[1]?.includes(within));

function due(fault, message) {
  if (message.kind !== 'run') return false;
  if (fault.images !== undefined) return (message.inputs?.images?.shape[0] ?? 0) > fault.images;
  if (fault.when && !existsSync(fault.when)) return false;
  if (!fault.once) return true;
  if (existsSync(fault.once)) return false;
  writeFileSync(fault.once, '');
  return true;
}

const acts = {
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  exhaust() {
    process.stderr.write("terminate called after throwing an instance of 'std::bad_alloc'\n");
    process.abort();
  },
  hang() {
    for (;;);
  },
  error: ({ text }, worker, { id }) => setImmediate(() => worker.emit('message', { id, error: text })),
};

const post = Worker.prototype.postMessage;
if (faults.length > 0)
  Worker.prototype.postMessage = function (message, ...rest) {
    const fault = faults.find((one) => due(one, message));
    if (!fault) return post.call(this, message, ...rest);
    return acts[fault.what](fault, this, message);
  };
