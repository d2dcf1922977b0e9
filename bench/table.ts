import { cpus, totalmem } from 'node:os';

/** One figure of a bench: a ratio of two things measured in turn in the same run. */
export interface Figure {
  name: string;
  /** One ratio for each round. */
  ratios: number[];
  /** What was measured, in absolute numbers of this run. */
  remark: string;
  /** What the ratio should reach, where there is a goal. */
  atLeast?: number;
  atMost?: number;
}

/** The machine, so that figures are read for what they are. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

/** The figures as a Markdown table. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, ratios, remark, atLeast, atMost }) => {
    const sorted = [...ratios].sort((left, right) => left - right);
    const cells = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((ratio) =>
      format(ratio ?? 0),
    );
    const goal = atLeast !== undefined ? `≥ ${atLeast}` : atMost !== undefined ? `≤ ${atMost}` : '';
    return `| ${name} | ${cells.join(' | ')} | ${goal} | ${remark} |`;
  });
  return [
    '| ratio | min | median | max | goal | measured |',
    '| --- | ---: | ---: | ---: | --- | --- |',
    ...rows,
  ].join('\n');
}

function format(ratio: number): string {
  return ratio >= 20 ? ratio.toFixed(0) : ratio.toFixed(2);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
