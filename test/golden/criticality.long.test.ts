/** The scores in batches of the other size, and by the other backend. */
import { describeCriticality } from './criticality.ts';

describeCriticality([
  ['onnx', 'resnet8', '16'],
  ['onnx', 'wrn10-1', '32'],
  ['tensorflow', 'resnet8', '32'],
  ['tensorflow', 'wrn10-1', '16'],
]);
