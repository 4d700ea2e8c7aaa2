/** The families of networks that files are compared with, the more particular first. */
import type { Family } from './family.ts';
import { basicResnets } from './networks/basic-resnet.ts';
import { chains } from './networks/chain.ts';
import { preactResnets } from './networks/preact-resnet.ts';
import { transformers } from './networks/vit.ts';
import { wideResnets } from './networks/wide-resnet.ts';
import { registered } from './registered.ts';

export const families: readonly Family[] = [registered, wideResnets, preactResnets, basicResnets, chains, transformers];
