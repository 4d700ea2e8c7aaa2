/** The scores of each network, one in large batches and one in small ones. */
import { describeCriticality } from './criticality.ts';

describeCriticality([
  ['onnx', 'resnet8', '32'],
  ['onnx', 'wrn10-1', '16'],
]);
