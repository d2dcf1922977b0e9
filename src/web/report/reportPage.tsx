import { Group, SegmentedControl, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useLive, useLiveQuery } from '../api/live';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { LiveSwitch } from '../ui/liveSwitch';
import { Lines, Loaded } from '../ui/loaded';
import { Pager, useWalk } from '../ui/pager';
import { readChoice, todayIn, toFilter, writeChoice } from './choice';
import { ChoiceForm } from './choiceForm';
import { readLayout, writeLayout } from './columns';
import { EventsDrawer, type Picked } from './eventsDrawer';
import { MonthsChart } from './monthsChart';
import { MonthsTable } from './monthsTable';
import { type Report, reportQuery, reportSubscription } from './operations';
import { RowsTable } from './rowsTable';
import { SaveMenu } from './saveMenu';
import { Totals } from './totals';
import { reportWords } from './words';

const pageSize = 50;

/** What is paid and owed, by month and caregiver. The choice stands in the address, so that a link shows the same. */
export default function ReportPage() {
  const words = useWords(reportWords);
  const { service } = useSignedIn();
  const [address, setAddress] = useSearchParams();
  const today = todayIn(service.timeZone);
  const choice = useMemo(() => readChoice(address, today), [address, today]);
  const layout = useMemo(() => readLayout(address), [address]);
  // A link that is copied before anything was chosen must hold this year's range next year, too.
  const isWritten = address.has('from') || address.has('to');
  useEffect(() => {
    if (!isWritten) setAddress((old) => writeChoice(readChoice(old, today), old), { replace: true });
  }, [isWritten, setAddress, today]);

  const filter = toFilter(choice, service.timeZone);
  const walk = useWalk(JSON.stringify(filter));
  const [picked, setPicked] = useState<Picked>();
  const live = useLive(picked !== undefined || walk.number > 1);
  const report = useLiveQuery({
    query: reportQuery,
    fromQuery: (data) => data.report,
    subscription: reportSubscription,
    fromSubscription: (data) => data.reportChanged,
    variables: { filter, first: pageSize, after: walk.after },
    isOn: live.isOn,
  });
  const canvas = useRef<HTMLCanvasElement>(null);

  return (
    <Stack>
      <ChoiceForm
        choice={choice}
        today={today}
        onChange={(changed) => setAddress((old) => writeChoice(changed, old))}
      />
      <Group justify="space-between">
        <AsOf report={report.data} />
        <Group>
          <LiveSwitch live={live} />
          <SaveMenu
            filter={filter}
            canvas={canvas}
            hasChart={!report.isStale && report.data?.months.length !== 0}
          />
        </Group>
      </Group>
      <Loaded answer={report} skeleton={<ReportSkeleton />}>
        {(shown) => (
          <>
            <Totals totals={shown.totals} />
            <Months months={shown.months} canvas={canvas} onPick={setPicked} />
            {shown.rows.nodes.length > 0 && (
              <Stack component="section" {...live.pauseOnTouch}>
                <Title order={2}>{words.byCaregiver}</Title>
                <RowsTable
                  rows={shown.rows.nodes}
                  layout={layout}
                  onLayout={(changed) => setAddress((old) => writeLayout(changed, old), { replace: true })}
                  onPick={setPicked}
                />
                <Pager walk={walk} pageInfo={shown.rows.pageInfo} />
              </Stack>
            )}
          </>
        )}
      </Loaded>
      <EventsDrawer choice={choice} picked={picked} onClose={() => setPicked(undefined)} />
    </Stack>
  );
}

/** When the figures were true. It takes its place before they are there, so that nothing beside it moves. */
function AsOf({ report }: { report: Report | undefined }) {
  const words = useWords(reportWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const at = report?.generatedAt ?? new Date().toISOString();
  return (
    <Text c="dimmed" className="digits" {...(!report && { style: { visibility: 'hidden' } })}>
      <time dateTime={at}>{words.asOf(format.time(at, timeZone), timeZone)}</time>
    </Text>
  );
}

/** The cards, the chart and the beginning of the table. */
function ReportSkeleton() {
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        {['reimbursed', 'unreimbursed', 'total'].map((name) => (
          <Skeleton key={name} height={104} />
        ))}
      </SimpleGrid>
      <Skeleton className="chart" />
      <Lines />
    </>
  );
}

interface MonthsProps {
  months: Report['months'];
  canvas: RefObject<HTMLCanvasElement | null>;
  onPick(picked: Picked): void;
}

/** The months of one currency at a time, for sums of different ones have no common scale. */
function Months({ months, canvas, onPick }: MonthsProps) {
  const words = useWords(reportWords);
  const currencies = [...new Set(months.map(({ currency }) => currency))];
  const [chosen, setChosen] = useState<string>();
  const currency = currencies.find((one) => one === chosen) ?? currencies[0];
  const shown = useMemo(() => months.filter((month) => month.currency === currency), [months, currency]);
  if (currency === undefined) return null;
  return (
    <Stack component="section">
      <Title order={2}>{words.byMonth}</Title>
      {currencies.length > 1 && (
        <SegmentedControl
          aria-label={words.currency}
          data={currencies}
          value={currency}
          onChange={setChosen}
        />
      )}
      <MonthsChart
        months={shown}
        currency={currency}
        canvas={canvas}
        onPick={(month, reimbursed) => onPick({ month, reimbursed })}
      />
      <MonthsTable months={shown} onPick={onPick} />
    </Stack>
  );
}
