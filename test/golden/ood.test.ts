/** The accuracy under each corruption at one of its severities, which come in turn. */
import { corruptionNames } from '../../engine/corruptions/constants.ts';
import { severities } from '../../engine/corruptions/suites.ts';
import { describeOod, quickFiles } from './ood.ts';

describeOod(quickFiles, (corruption) => severities.filter((_, index) => index === corruptionNames.indexOf(corruption) % severities.length));
