/** What choices are made on, splits and stages. */
export const selectionProtocols = ['HOLD_OUT', 'PAPER'] as const;
export type SelectionProtocol = (typeof selectionProtocols)[number];

export const stageNames = ['TRAINING', 'CRITICALITY', 'FINE_TUNE', 'INTERPOLATION', 'EVALUATION'] as const;
export type StageName = (typeof stageNames)[number];

export const splits = ['train', 'holdout', 'test'] as const;
export type Split = (typeof splits)[number];
