/** Pages are checked by `npm run check`, so that a start on a fresh machine only bundles them; nothing is asked of the network. */
export default {
  poweredByHeader: false,
  agentRules: false,
  typescript: { ignoreBuildErrors: true },
  experimental: { agentUpgrade: false },
};
