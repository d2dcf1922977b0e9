import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** Tells how much is done, in the unit of the total. */
  report(done: number): void;
  end(): void;
}

const lineEveryMs = 5_000;

/**
 * Shows how long work goes on, on standard error: a bar on a terminal, elsewhere a line now and then.
 * @param total undefined when it is not known beforehand
 */
export function startProgress(title: string, total?: number): Progress {
  return process.stderr.isTTY && total !== undefined
    ? progressBar(title, total)
    : progressLines(title, total);
}

function progressBar(title: string, total: number): Progress {
  const bar = new SingleBar(
    {
      format: `${title} {bar} {percentage} % | {value} of {total} | {eta_formatted} left`,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { report: (done) => bar.update(done), end: () => bar.stop() };
}

function progressLines(title: string, total: number | undefined): Progress {
  let nextMs = performance.now() + lineEveryMs;
  return {
    report(done) {
      if (performance.now() < nextMs) return;
      nextMs = performance.now() + lineEveryMs;
      const part = total === undefined ? '' : ` of ${total.toLocaleString('en')}`;
      process.stderr.write(`${title}: ${Math.floor(done).toLocaleString('en')}${part}\n`);
    },
    end: () => undefined,
  };
}
