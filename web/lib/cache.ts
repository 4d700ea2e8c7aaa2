/** How answers are kept: whatever has an id once, everything else within the record that it came with. */
import type { Cache, CacheExchangeOpts } from '@urql/exchange-graphcache';

const partsOfOthers = [
  'Server',
  'NewApiToken',
  'Invitation',
  'Stage',
  'Progress',
  'RunError',
  'Param',
  'Tag',
  'LogLine',
  'Artifact',
  'MetricSummary',
  'MetricSeries',
  'SeriesPoint',
  'SpecialSpan',
  'Estimate',
  'DeviceEstimate',
  'StageEstimate',
  'Spread',
  'StudyBase',
  'StudyRow',
  'StudyEstimate',
  'StudyDeviceEstimate',
  'Module',
  'MrcScore',
  'SweepPoint',
  'PairedDifference',
  'Leaderboard',
  'LeaderboardRow',
  'LeaderboardCell',
  'Dataset',
  'DatasetSplit',
  'MissingDevice',
  'ImportPreview',
  'FoundWeights',
  'ImportProblem',
  'Normalisation',
  'RunSnapshot',
  'RunChanged',
  'MetricsLogged',
  'MetricPoint',
  'LinesLogged',
  'MrcScored',
  'SweepPointScored',
  'Evaluated',
  'PageInfo',
  'RunField',
  'UnknownName',
  'ProjectConnection',
  'ProjectEdge',
  'RunConnection',
  'RunEdge',
  'StudyConnection',
  'StudyEdge',
  'CheckpointConnection',
  'CheckpointEdge',
  '__Schema',
  '__Type',
  '__Field',
  '__InputValue',
  '__EnumValue',
];

/** Lists that leave deleted runs out. */
const listsOfRuns = new Set(['runs', 'runFields', 'leaderboard', 'checkpoints']);

function readListsAgain(cache: Cache): void {
  for (const { fieldName, arguments: chosen } of cache.inspectFields('Query'))
    if (listsOfRuns.has(fieldName)) cache.invalidate('Query', fieldName, chosen);
}

export const cacheOptions: CacheExchangeOpts = {
  keys: Object.fromEntries(partsOfOthers.map((name) => [name, () => null])),
  possibleTypes: {
    RunUpdate: ['RunSnapshot', 'RunChanged', 'MetricsLogged', 'LinesLogged', 'MrcScored', 'SweepPointScored', 'Evaluated'],
    Node: ['User', 'ApiToken', 'Project', 'Run', 'Checkpoint', 'InterpolationSweep', 'Evaluation', 'Device', 'Study'],
  },
  updates: {
    Mutation: {
      createApiToken: (_result, _args, cache) => cache.invalidate('Query', 'viewer'),
      revokeApiToken: (_result, _args, cache) => cache.invalidate('Query', 'viewer'),
      deleteRuns: (_result, _args, cache) => readListsAgain(cache),
      restoreRuns: (_result, _args, cache) => readListsAgain(cache),
      inviteUser: (_result, _args, cache) => cache.invalidate('Query', 'users'),
      importCheckpoint: (_result, _args, cache) => readListsAgain(cache),
      createProject: (_result, _args, cache) => cache.invalidate('Query', 'projects'),
    },
  },
};
