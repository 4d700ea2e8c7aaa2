/** The accuracy under every corruption at every severity, and the means over corruptions. */
import { severities } from '../../engine/corruptions/suites.ts';
import { describeOod, files } from './ood.ts';

describeOod(files, () => severities);
