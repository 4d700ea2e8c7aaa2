'use client';
import { compact } from '../../lib/format.ts';
import { datasetWord, variantWord } from '../../lib/words.ts';
import type { Found } from '../../queries/import.ts';
import { Fact } from '../display/Fact.tsx';
import { NetworkOptions } from '../display/NetworkOptions.tsx';
import classes from './Import.module.css';
import { normalisationWord } from './settings.ts';

const formats: Record<string, string> = { pytorch: 'PyTorch', 'pytorch-legacy': 'PyTorch before 1.6', safetensors: 'safetensors' };

/** What was recognised. */
export function FoundFacts({ found }: { found: Found }) {
  const { network, architectureOptions, normalisation, dataset, variant, parameters, format, stateDict, assumed } = found;
  return (
    <dl className={classes.facts} style={{ margin: 0 }}>
      <Fact label="Network">{network}</Fact>
      <NetworkOptions options={architectureOptions} />
      {assumed.length > 0 && <Fact label="Taken for granted">{assumed.join('; ')}</Fact>}
      <Fact label="Parameters">{compact(parameters)}</Fact>
      <Fact label="For the images of">{datasetWord(dataset)}</Fact>
      <Fact label="Normalisation">{normalisationWord(normalisation)}</Fact>
      <Fact label="Trained by">{variantWord(variant)}</Fact>
      <Fact label="File">
        {formats[format] ?? format}
        {stateDict && `, weights in ${stateDict}`}
      </Fact>
    </dl>
  );
}
