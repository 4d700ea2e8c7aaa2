/** The onnx backend on WebGPU with a training step. */
import { describeWebgpu } from './webgpu.ts';

describeWebgpu({ trains: true });
