/**
 * The configuration of every experiment: units, bounds and defaults.
 * The form, the API's checks and the documentation derive from these schemas; the defaults are the
 * paper's settings (Zhu et al., ICCV 2023, section 5.1 and appendix) unless a description says otherwise. A file a section.
 */
export * from './config/attack-choice.ts';
export * from './config/attacks.ts';
export * from './config/criticality.ts';
export * from './config/experiment.ts';
export * from './config/fine-tune.ts';
export * from './config/interpolation.ts';
export * from './config/measure.ts';
export * from './config/protocol.ts';
export * from './config/training.ts';
export * from './config/variants.ts';
