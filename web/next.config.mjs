const basePath = process.env.RIFTLAB_BASE_PATH ?? '';

/** Pages are checked by `npm run check`, so that a start on a fresh machine only bundles them; nothing is asked of the network. */
export default {
  basePath,
  /** A server is told which build it shows: see setup/steps.mjs. */
  distDir: process.env.RIFTLAB_PAGES ?? '.next',
  env: { RIFTLAB_BASE_PATH: basePath },
  poweredByHeader: false,
  agentRules: false,
  typescript: { ignoreBuildErrors: true },
  experimental: { agentUpgrade: false },
};
