import { cpus, totalmem } from 'node:os';
import { median } from './inTurn';

/** One figure of a bench: a ratio of two things measured in turn in the same run, or of one to what is allowed. */
export interface Figure {
  name: string;
  /** One ratio for each round. */
  ratios: number[];
  /** What was measured, in absolute numbers of this run. */
  remark: string;
  /** What the ratio should reach, where there is a goal. */
  atLeast?: number | undefined;
  atMost?: number | undefined;
}

/** Round by round, how many times one is the other; the other may be a fixed number. */
export function ratios(above: readonly number[], below: readonly number[] | number): number[] {
  return above.map((value, round) => value / (typeof below === 'number' ? below : (below[round] as number)));
}

/** The machine, so that figures are read for what they are. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

/** The figures as a Markdown table. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, ratios, remark, atLeast, atMost }) => {
    const cells = [Math.min(...ratios), median(ratios), Math.max(...ratios)].map(formatRatio);
    const goal = atLeast !== undefined ? `≥ ${atLeast}` : atMost !== undefined ? `≤ ${atMost}` : '';
    return `| ${name} | ${cells.join(' | ')} | ${goal} | ${remark} |`;
  });
  return [
    '| ratio | min | median | max | goal | measured |',
    '| --- | ---: | ---: | ---: | --- | --- |',
    ...rows,
  ].join('\n');
}

function formatRatio(ratio: number): string {
  return ratio >= 20 ? ratio.toFixed(0) : ratio.toFixed(2);
}

/** The median of some times: 2.4 ms, 0.04 ms. */
export function formatMs(times: readonly number[]): string {
  const ms = median(times);
  return `${ms.toFixed(ms < 1 ? 2 : 1)} ms`;
}

/** The median of some sizes, in MB: 1,000,000 bytes. */
export function formatMegabytes(sizes: readonly number[]): string {
  return `${Math.round(median(sizes) / 1e6)} MB`;
}
