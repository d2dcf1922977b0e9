const { PerformanceObserver } = require('node:perf_hooks');

// On a Citus cluster a commit on several nodes, all of them on one machine, takes as long as a dozen on one.
if (process.env.TEST_CITUS) jest.setTimeout(600_000);

/**
 * prom-client observes garbage collections and never stops: each observer keeps all modules of its test file in memory,
 * for as long as the worker of Jest runs.
 */
const { observe } = PerformanceObserver.prototype;
const observers = new Set();
PerformanceObserver.prototype.observe = function (options) {
  observers.add(this);
  return observe.call(this, options);
};
afterAll(() => {
  PerformanceObserver.prototype.observe = observe;
  for (const observer of observers) observer.disconnect();
});
