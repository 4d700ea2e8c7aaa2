/** Ends a test run with the groups of tests that were skipped, and one plain line of counts, for scripts that read it. */
import type { Reporter, TestModule } from 'vitest/node';

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allSuites()]).filter((suite) => suite.state() === 'skipped');
    for (const { fullName, module } of skipped) console.log(`skipped: ${module.relativeModuleId}: ${fullName}`);
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++;
      if (module.children.size === 0 && module.state() === 'failed') counts.failed++;
    }
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`);
  }
}
