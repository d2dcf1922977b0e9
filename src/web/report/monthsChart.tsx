import { useComputedColorScheme } from '@mantine/core';
import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from 'chart.js';
import { type RefObject, useEffect, useRef } from 'react';
import { useFormat, useWords } from '../language/language';
import { monthsBetween } from './calendar';
import type { ReportMonth } from './operations';
import { reportWords } from './words';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip, Legend);

/** The two parts of a bar, in colours that differ in lightness, too. */
const parts = ['reimbursed', 'unreimbursed'] as const;
const fills = { light: ['#087f5b', '#f08c00'], dark: ['#20c997', '#ffd43b'] };

interface MonthsChartProps {
  /** Of one currency, in order. */
  months: readonly ReportMonth[];
  currency: string;
  /** Where the picture can be had from. */
  canvas: RefObject<HTMLCanvasElement | null>;
  onPick(month: string, isReimbursed: boolean): void;
}

/** Stacked bars, one for each month; months without events leave a gap. A table beside it must say the same. */
export function MonthsChart({ months, currency, canvas, onPick }: MonthsChartProps) {
  const words = useWords(reportWords);
  const format = useFormat();
  const scheme = useComputedColorScheme('light');
  const pick = useRef(onPick);
  pick.current = onPick;

  useEffect(() => {
    if (!canvas.current) return;
    const style = getComputedStyle(canvas.current);
    const [text, line, ground] = ['text', 'default-border', 'body'].map((name) =>
      style.getPropertyValue(`--mantine-color-${name}`),
    ) as [string, string, string];
    const found = new Map(months.map((month) => [month.month, month]));
    const labels = monthsBetween(months[0]?.month ?? '', months.at(-1)?.month ?? '');
    const chart = new Chart(canvas.current, {
      type: 'bar',
      data: {
        labels,
        datasets: parts.map((part, index) => ({
          label: words[part],
          data: labels.map((month) => found.get(month)?.[part].amount ?? 0),
          backgroundColor: fills[scheme][index] as string,
          stack: 'month',
          maxBarThickness: 64,
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        color: text,
        onClick(_event, [element]) {
          const month = element && labels[element.index];
          if (month !== undefined && element) pick.current(month, element.datasetIndex === 0);
        },
        onHover(_event, elements, { canvas }) {
          canvas.style.cursor = elements.length > 0 ? 'pointer' : 'default';
        },
        scales: {
          x: {
            stacked: true,
            grid: { display: false },
            ticks: { color: text, callback: (_value, index) => format.month(labels[index] as string) },
          },
          y: {
            stacked: true,
            grid: { color: line },
            ticks: {
              color: text,
              maxTicksLimit: 6,
              callback: (value) => format.roughAmount(Number(value), currency),
            },
          },
        },
        plugins: {
          legend: { position: 'bottom' },
          tooltip: {
            callbacks: {
              title: ([item]) => (item ? format.month(labels[item.dataIndex] as string) : ''),
              label: ({ dataset, raw }) => `${dataset.label}: ${format.amount(Number(raw), currency)}`,
            },
          },
        },
      },
      // A saved picture has a ground of its own, so that its text can be read anywhere.
      plugins: [{ id: 'ground', beforeDraw: ({ ctx, width, height }) => fill(ctx, ground, width, height) }],
    });
    return () => chart.destroy();
  }, [months, currency, scheme, words, format, canvas]);

  return (
    <div className="chart">
      <canvas ref={canvas} role="img" aria-label={words.chart(currency)} />
    </div>
  );
}

function fill(context: CanvasRenderingContext2D, color: string, width: number, height: number): void {
  context.save();
  context.fillStyle = color;
  context.fillRect(0, 0, width, height);
  context.restore();
}
