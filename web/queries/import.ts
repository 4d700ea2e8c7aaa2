import { graphql, type ResultOf, type VariablesOf } from '../lib/graphql.ts';

/** Reads the upload and changes nothing. */
export const previewImport = graphql(`
  query PreviewImport($input: ImportCheckpointInput!) {
    previewImport(input: $input) {
      found {
        format
        stateDict
        otherStateDicts
        architecture
        architectureOptions
        network
        normalisation { mean sd }
        dataset
        otherDatasets
        assumed
        variant
        parameters
      }
      problem { message path }
    }
  }
`);

export const importCheckpoint = graphql(`
  mutation ImportCheckpoint($input: ImportCheckpointInput!) {
    importCheckpoint(input: $input) { id name network dataset variant parameters importNote }
  }
`);

export type ImportInput = VariablesOf<typeof importCheckpoint>['input'];
export type Preview = ResultOf<typeof previewImport>['previewImport'];
export type Found = NonNullable<Preview['found']>;
export type Imported = ResultOf<typeof importCheckpoint>['importCheckpoint'];
