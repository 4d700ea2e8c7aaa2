/** Published numbers as rows of the leaderboard, each under the protocol of its source. Percent of the sources are fractions here. */
import { networkLabel } from '../../engine/index.ts';
import type { LeaderboardCell, Unranked } from './leaderboard-rows.ts';
import paper from './published-results.json' with { type: 'json' };
import robustbench from './published-robustbench.json' with { type: 'json' };
import { robustBenchNames } from './robustbench-names.ts';
import { paperSeverities } from './studies/presets.ts';

const unmeasured = { images: null, checkpointId: null, trust: 'UNCHECKED' as const, findings: [], attacks: [], evaluationIds: {} };
const published = { published: true, runId: null };

/** PGD, corruptions and choices of the paper; of Tiny-ImageNet-C its code takes the first severity alone. */
const paperProtocol = (dataset: string) => {
  const severities = paperSeverities[dataset];
  return severities ? paper.protocol.replace('corruptions', `corruptions at severity ${severities.join()}`) : paper.protocol;
};

const fromPaper = (dataset: string): Unranked[] =>
  paper.rows
    .filter((row) => row.dataset === dataset)
    .map(({ source, architecture, variant, base, rift }) => ({
      ...{
        source,
        link: null,
        architecture,
        network: networkLabel(architecture, {}),
        variant,
        protocol: paperProtocol(dataset),
        ...published,
      },
      base: { ...base, ...unmeasured },
      rift: { ...rift, ...unmeasured },
    }));

interface Entry {
  id: string;
  dataset: string;
  /** Linf, L2 or corruptions. */
  threat: string;
  /** Of the attack; of the training where the threat is corruptions. */
  eps?: string;
  architecture: string;
  venue: string;
  link: string;
  /** Percent. */
  clean: number;
  autoattack?: number;
  corruptions?: number;
  /** The least that an evaluation by others found. */
  bestKnown?: number;
  extraData: boolean;
  unreliable?: boolean;
}

const architectures = new Map(Object.entries(robustBenchNames).map(([own, theirs]) => [theirs, own]));

function protocolOf({ threat, eps }: Entry): string {
  if (threat === 'corruptions') return 'published: RobustBench; ood: mean of 15 corruptions at 5 severities; whole test split';
  return `published: RobustBench; adversarial: AutoAttack ${threat.toLowerCase()} eps=${eps}; whole test split`;
}

const fraction = (percent: number | undefined) => (percent === undefined ? null : Number((percent / 100).toFixed(6)));

/** What RobustBench itself says against a number. */
function findingsOf({ autoattack, bestKnown, unreliable }: Entry): string[] {
  return [
    ...(bestKnown !== undefined && autoattack !== undefined && bestKnown < autoattack
      ? [`An evaluation by others found ${bestKnown} %, AutoAttack ${autoattack} %.`]
      : []),
    ...(unreliable ? ['RobustBench marks it as unreliable.'] : []),
  ];
}

function cellOf(entry: Entry): LeaderboardCell {
  const findings = findingsOf(entry);
  return {
    ...unmeasured,
    standard: fraction(entry.clean),
    ood: fraction(entry.corruptions),
    robust: fraction(entry.autoattack),
    ...(findings.length > 0 && { trust: 'SUSPECT' as const, findings }),
  };
}

const threats = ['Linf', 'L2', 'corruptions'];

const fromRobustBench = (dataset: string): Unranked[] =>
  (robustbench.rows as Entry[])
    .filter((entry) => entry.dataset === dataset)
    .toSorted((one, other) => threats.indexOf(one.threat) - threats.indexOf(other.threat))
    .map((entry) => ({ entry, architecture: architectures.get(entry.architecture) ?? entry.architecture }))
    .map(({ entry, architecture }) => ({
      source: `RobustBench: ${entry.id}, ${entry.venue}`,
      link: entry.link,
      architecture,
      network: networkLabel(architecture, {}),
      variant: entry.extraData ? 'with extra data' : 'without extra data',
      protocol: protocolOf(entry),
      ...published,
      base: cellOf(entry),
      rift: null,
    }));

/** The paper's, then RobustBench's. dataset: canonical name. */
export const publishedRows = (dataset: string): Unranked[] => [...fromPaper(dataset), ...fromRobustBench(dataset)];
