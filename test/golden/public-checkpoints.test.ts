/** The public checkpoints on some images: few of the network that is much larger than the others. */
import { describePublicCheckpoints } from './public-checkpoints.ts';

describePublicCheckpoints((file) => (file.startsWith('akamaster') ? 50 : 200), 2);
