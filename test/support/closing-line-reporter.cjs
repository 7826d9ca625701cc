/** Jest reporter: ends the run with the plain line `N passed, N failed, N skipped` that CI reads. */
module.exports = class ClosingLineReporter {
  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    // A suite that could not even load has no failed test of its own, but is a failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.stderr.write('');
    setImmediate(() =>
      console.log(`\n${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`),
    );
  }
};
