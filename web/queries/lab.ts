import { graphql, type ResultOf } from '../lib/graphql.ts';

export const viewer = graphql(`
  query Viewer {
    viewer { id name email role tokens { id name role createdAt lastUsedAt expiresAt } }
    server { version postgres embedded }
  }
`);

export const createToken = graphql(`
  mutation CreateApiToken($name: String!, $role: Role, $expiresAt: DateTime) {
    createApiToken(name: $name, role: $role, expiresAt: $expiresAt) { secret token { id name role createdAt lastUsedAt expiresAt } }
  }
`);

export const revokeToken = graphql(`mutation RevokeApiToken($id: ID!) { revokeApiToken(id: $id) { id name } }`);

const deviceFields = graphql(`
  fragment DeviceFields on Device {
    id
    name
    backend
    kind
    label
    threads
    memoryBytes
    versions
    imagesPerSecond
    selfTest
    problem
    hint
    missing { backend kind reason hint }
    state
    worker
    lastSeenAt
    run { id name }
  }
`);

export const system = graphql(
  `
    query System {
      devices { ...DeviceFields }
      datasets { name state classes shape hint splits { name images sha256 official } }
      server { version postgres embedded }
    }
  `,
  [deviceFields],
);

export const devicesUpdates = graphql(`subscription DevicesUpdates { devicesUpdated { ...DeviceFields } }`, [deviceFields]);

export const leaderboard = graphql(`
  query Leaderboard($dataset: String!, $architecture: String, $protocol: String, $includePublished: Boolean!) {
    leaderboard(dataset: $dataset, architecture: $architecture, protocol: $protocol, includePublished: $includePublished) {
      dataset
      protocols
      rows {
        rank
        network
        variant
        published
        source
        link
        protocol
        run { id name kind }
        base { standard ood robust images trust findings attacks { attack accuracy trust } checkpoint { id name } }
        rift { standard ood robust images trust findings attacks { attack accuracy trust } checkpoint { id name } }
        deltaStandard
        deltaOod
        deltaRobust
        pairedStandard { images onlyFirst onlySecond low high pValue }
        pairedOod { images onlyFirst onlySecond low high pValue }
        pairedRobust { images onlyFirst onlySecond low high pValue }
      }
      total
    }
  }
`);

export type Viewer = ResultOf<typeof viewer>['viewer'];
export type ApiToken = Viewer['tokens'][number];
export type Device = ResultOf<typeof system>['devices'][number];
export type Dataset = ResultOf<typeof system>['datasets'][number];
export type LeaderboardRow = ResultOf<typeof leaderboard>['leaderboard']['rows'][number];
