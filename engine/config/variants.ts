/** The training objectives: what each is, and the options that it adds. The defaults are those of the official codes. */
import { z } from 'zod';

const weight = (description: string, value: number) => z.number().min(0).max(1000).default(value).describe(description);

const robustWeight = 'Weight of the robust term.';

/** Two codes were published with SCORE: one for training with generated images (DDPM), one for training without (LSE and KL). */
const scoreDefaults = {
  DDPM: { beta: 4, labelSmoothing: 0.1, clip: 0 },
  LSE: { beta: 6, labelSmoothing: 0, clip: 0.3 },
  KL: { beta: 6, labelSmoothing: 0, clip: 0.3 },
};
const scoreForms = Object.keys(scoreDefaults) as ['DDPM', 'LSE', 'KL'];
const noOptions = z.strictObject({});

const scoreOptions = z
  .strictObject({
    form: z
      .enum(scoreForms)
      .default('LSE')
      .describe(
        'DDPM: squared errors, the robust one less the clip value. LSE: squared errors, their sum less the bound of the clip value. KL: the same with divergences.',
      ),
    beta: z.number().min(0).max(1000).optional().describe('Weight of the robust term: 4 for DDPM, 6 for the others.'),
    labelSmoothing: z
      .number()
      .min(0)
      .max(0.9)
      .optional()
      .describe('Probability that the labels leave to the other classes together: 0.1 for DDPM, 0 for the others.'),
    clip: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'DDPM: robust error that is tolerated, 0 at first. Others: probability that a prediction may leave to the other classes together before it costs anything, 0.3 at first.',
      ),
  })
  .transform(({ form, beta, labelSmoothing, clip }) => {
    const published = scoreDefaults[form];
    return {
      form,
      beta: beta ?? published.beta,
      labelSmoothing: labelSmoothing ?? published.labelSmoothing,
      clip: clip ?? published.clip,
    };
  });

interface VariantRecord {
  label: string;
  description: string;
  options: z.ZodType<object>;
  /** Its attack opens a distance that is zero, without a slope, at the image itself. */
  startsApart?: boolean;
}

export const variants = {
  STANDARD: { label: 'Standard', description: 'Cross-entropy on clean images.', options: noOptions },
  PGD_AT: {
    label: 'PGD-AT',
    description: 'Adversarial training: cross-entropy on PGD examples (Madry et al., 2018).',
    options: noOptions,
  },
  TRADES: {
    label: 'TRADES',
    description: 'Cross-entropy on clean images and the divergence of predictions under attack from them (Zhang et al., 2019).',
    options: z.strictObject({ beta: weight(robustWeight, 6) }),
    startsApart: true,
  },
  MART: {
    label: 'MART',
    description: 'Adversarial training that weighs misclassified images more (Wang et al., 2020).',
    options: z.strictObject({ beta: weight(robustWeight, 6) }),
  },
  AWP: {
    label: 'AT-AWP',
    description: 'Adversarial training at weights that are themselves perturbed for the worse (Wu et al., 2020).',
    options: z.strictObject({
      gamma: z.number().min(0).max(1).default(0.01).describe('Length of the perturbation of a weight, as a fraction of its l2 norm.'),
      warmup: z.int().min(0).max(10_000).default(0).describe('Epochs before weights are perturbed.'),
    }),
  },
  SCORE: {
    label: 'SCORE',
    description:
      'Distances between predictions that accuracy and robustness can agree on, clipped where they are small (Pang et al., 2022).',
    options: scoreOptions,
    startsApart: true,
  },
} satisfies Record<string, VariantRecord>;
export type Variant = keyof typeof variants;
export const variantNames = Object.keys(variants) as [Variant, ...Variant[]];

/** The options of every variant, resolved. */
export type VariantOptions = { [Name in Variant]: z.output<(typeof variants)[Name]['options']> };

interface Objective {
  variant: Variant;
  options?: Record<string, unknown> | undefined;
  attack?: { randomStart: boolean } | undefined;
}

/** Resolves the options of a section that names a variant. What is wrong is said at its place. */
export function resolveVariant<Section extends Objective>({ value, issues }: z.core.ParsePayload<Section>): void {
  const { variant, options, attack } = value;
  const { options: schema, label, startsApart }: VariantRecord = variants[variant];
  const parsed = schema.safeParse(options ?? {});
  for (const issue of parsed.error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys') {
      issues.push({ ...issue, input: options, path: ['options', ...issue.path] } as z.core.$ZodRawIssue);
      continue;
    }
    const known = optionNames(variant);
    const there = known.length > 0 ? `its options are ${known.join(', ')}` : 'it has none';
    for (const key of issue.keys)
      issues.push({ code: 'custom', input: value, path: ['options', key], message: `${label} has no option ${key}: ${there}.` });
  }
  if (startsApart && attack?.randomStart === false)
    issues.push({
      code: 'custom',
      input: value,
      path: ['attack', 'randomStart'],
      message: `The attack of ${label} has no slope at the image itself, so it cannot start there.`,
    });
  if (!parsed.success) return;
  if (Object.keys(parsed.data).length > 0) value.options = parsed.data as Record<string, unknown>;
  else delete value.options;
}

/** Names of a variant's options. */
export function optionNames(variant: Variant): string[] {
  return Object.keys((z.toJSONSchema(variants[variant].options, { io: 'input' }).properties ?? {}) as object);
}
