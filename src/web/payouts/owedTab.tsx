import { Alert, Button, Group, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { type CombinedError, useQuery } from 'urql';
import { readFromPrimary } from '../api/client';
import { useLive, useLiveQuery } from '../api/live';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { CaregiverSelect } from '../ui/caregiverSelect';
import { Failure } from '../ui/failure';
import { LiveSwitch } from '../ui/liveSwitch';
import { Loaded } from '../ui/loaded';
import { Pager, useWalk } from '../ui/pager';
import { type Choice, choose, countOf, groupsOf, maxCaregivers, nothing } from './choice';
import { ConfirmPayment } from './confirmPayment';
import { monthsQuery, type OwedFilter, owedQuery, owedSubscription } from './operations';
import { OwedTable } from './owedTable';
import { Owing } from './owing';
import { readAllOwed } from './pay';
import { payoutsWords } from './words';

/** What is owed by caregiver and month: look, choose, pay. */
export function OwedTab() {
  const words = useWords(payoutsWords);
  const [month, setMonth] = useState<string | null>(null);
  const [caregiverId, setCaregiverId] = useState<string | null>(null);
  const [choice, setChoice] = useState<Choice>(nothing);
  const [isPaying, setPaying] = useState(false);
  const filter: OwedFilter = {
    ...(month !== null && { fromMonth: month, toMonth: month }),
    ...(caregiverId !== null && { caregiverIds: [caregiverId] }),
  };
  const walk = useWalk(JSON.stringify(filter));
  const live = useLive(walk.number > 1);
  const owed = useLiveQuery({
    query: owedQuery,
    fromQuery: ({ report }) => report,
    subscription: owedSubscription,
    fromSubscription: ({ reportChanged }) => reportChanged,
    variables: { filter, after: walk.after },
    isOn: live.isOn,
  });
  const months = useMonths();

  return (
    <Stack>
      <Group align="end">
        <Select
          label={words.month}
          placeholder={words.allMonths}
          data={months.options}
          value={month}
          onChange={setMonth}
          onDropdownOpen={months.reload}
          nothingFoundMessage={words.nothingOwed}
          clearable
          clearButtonProps={{ 'aria-label': words.allMonths }}
        />
        <CaregiverSelect
          label={words.caregiver}
          placeholder={words.everybody}
          value={caregiverId}
          onChange={setCaregiverId}
        />
        <Group h={36}>
          <LiveSwitch live={live} />
        </Group>
      </Group>
      <Loaded answer={owed}>
        {({ totals, rows }) => (
          <>
            <Owing totals={totals} />
            <Chosen choice={choice} filter={filter} onChoice={setChoice} onPay={() => setPaying(true)} />
            <div {...live.pauseOnTouch}>
              <OwedTable rows={rows.nodes} choice={choice} onChoice={setChoice} />
            </div>
            <Pager walk={walk} pageInfo={rows.pageInfo} />
          </>
        )}
      </Loaded>
      {isPaying && (
        <ConfirmPayment
          groups={groupsOf(choice)}
          onClose={(hasPaid) => {
            setPaying(false);
            if (!hasPaid) return;
            setChoice(nothing);
            months.reload();
            owed.askAgain();
            // To choose has paused it, and what was chosen is done.
            live.setOn(true);
          }}
        />
      )}
    </Stack>
  );
}

/** The months in which anything is owed, the newest first. */
function useMonths() {
  const format = useFormat();
  const [{ data }, ask] = useQuery({ query: monthsQuery, variables: {}, context: readFromPrimary });
  const owed = data?.report.months.filter(({ unreimbursed }) => unreimbursed.events !== 0) ?? [];
  const options = [...new Set(owed.map(({ month }) => month))]
    .reverse()
    .map((value) => ({ value, label: format.month(value) }));
  return { options, reload: () => ask({ requestPolicy: 'network-only' }) };
}

interface ChosenProps {
  choice: Choice;
  filter: OwedFilter;
  onChoice(choice: Choice): void;
  onPay(): void;
}

/** What is chosen, and what can be done with it. */
function Chosen({ choice, filter, onChoice, onPay }: ChosenProps) {
  const words = useWords(payoutsWords);
  const format = useFormat();
  const { api } = useSignedIn();
  const [isReading, setReading] = useState(false);
  const [problem, setProblem] = useState<CombinedError | 'tooMany'>();
  const { months, whole } = countOf(choice);
  const chooseAll = async () => {
    setReading(true);
    setProblem(undefined);
    try {
      const rows = await readAllOwed(api.client, filter, maxCaregivers);
      if (rows) onChoice(choose(choice, rows, true));
      else setProblem('tooMany');
    } catch (error) {
      setProblem(error as CombinedError);
    }
    setReading(false);
  };
  return (
    <Stack gap="xs">
      <Group>
        <Button variant="default" onClick={chooseAll} loading={isReading}>
          {words.chooseAll}
        </Button>
        <Button variant="default" disabled={choice.size === 0} onClick={() => onChoice(nothing)}>
          {words.chooseNone}
        </Button>
        <Button disabled={choice.size === 0} onClick={onPay}>
          {words.pay}
        </Button>
        {/* Last, and on a phone with room for all that it may say: its length moves nothing. */}
        <Text role="status" w={{ base: '100%', sm: 'auto' }} mih={{ base: '2lh', sm: 'auto' }}>
          {words.chosen(format.count(months), months, format.count(whole), whole)}
        </Text>
      </Group>
      {problem === 'tooMany' && (
        <Alert color="yellow" variant="outline" role="alert">
          {words.tooMany(format.count(maxCaregivers))}
        </Alert>
      )}
      {problem !== undefined && problem !== 'tooMany' && <Failure error={problem} onRetry={chooseAll} />}
    </Stack>
  );
}
