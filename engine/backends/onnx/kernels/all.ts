/** Teaches the tracer every kernel that there is; the others name themselves when a step needs them. */
import './convolution.ts';
import './elementwise.ts';
import './pooling.ts';
import './products.ts';
import './reductions.ts';
import './shapes.ts';
import './standardisation.ts';
import { refuseOtherKernels } from '../tracer.ts';

refuseOtherKernels();
