/** The public checkpoints on all images that PyTorch evaluated. */
import { describePublicCheckpoints } from './public-checkpoints.ts';

describePublicCheckpoints(() => 500, 3);
