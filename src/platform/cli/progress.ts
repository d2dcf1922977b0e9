import { Presets, SingleBar } from 'cli-progress';

/** How far long work is; one of the two is enough. */
export interface Step {
  /** How many are done. */
  done?: number;
  /** Which part of the whole is done, from 0 to 1. */
  part?: number;
}

export interface Progress {
  report(step: Step): void;
  end(): void;
}

const lineEveryMs = 5_000;

/**
 * Shows how long work goes on, on standard error: a bar on a terminal, as soon as a part is known; otherwise, and
 * elsewhere, a line now and then.
 */
export function startProgress(title: string): Progress {
  const lines = progressLines(title);
  let bar: Progress | undefined;
  return {
    report(step) {
      if (process.stderr.isTTY && step.part !== undefined) bar ??= progressBar(title);
      (bar ?? lines).report(step);
    },
    end: () => bar?.end(),
  };
}

function progressBar(title: string): Progress {
  const format = `${title} {bar} {percentage} % | {done} | {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr }, Presets.shades_classic);
  // Thousandths, as the library counts in whole numbers.
  bar.start(1_000, 0, { done: '' });
  return {
    report: (step) => bar.update(Math.floor((step.part ?? 0) * 1_000), { done: formatDone(step) }),
    end: () => bar.stop(),
  };
}

function progressLines(title: string): Pick<Progress, 'report'> {
  let nextMs = performance.now() + lineEveryMs;
  return {
    report(step) {
      if (performance.now() < nextMs) return;
      nextMs = performance.now() + lineEveryMs;
      const percentage = step.part === undefined ? '' : `${Math.floor(step.part * 100)} %`;
      const words = [formatDone(step), percentage].filter((word) => word !== '');
      process.stderr.write(`${title}: ${words.join(', ')}\n`);
    },
  };
}

function formatDone({ done }: Step): string {
  return done === undefined ? '' : done.toLocaleString('en');
}
