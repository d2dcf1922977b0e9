import { Alert, Button, Group, Loader, Modal, Stack, Table, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { CombinedError } from 'urql';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { Count } from '../ui/amount';
import { Failure } from '../ui/failure';
import { Sums } from '../ui/sums';
import { uiWords } from '../ui/words';
import type { Group as PaymentGroup } from './choice';
import { addUp, makePayouts, type Outcome, type Planned, planPayouts } from './pay';
import { PaymentOutcomes } from './paymentOutcomes';
import { payoutsWords } from './words';

interface ConfirmPaymentProps {
  groups: PaymentGroup[];
  onClose(hasPaid: boolean): void;
}

type Step =
  | { at: 'planning' }
  | { at: 'failed'; error: CombinedError }
  | { at: 'planned' | 'paying'; plans: Planned[] }
  | { at: 'done'; outcomes: Outcome[] };

/** Shows what the payouts come to as of now, makes them when it is told to, and shows what became of each. */
export function ConfirmPayment({ groups, onClose }: ConfirmPaymentProps) {
  const words = useWords(payoutsWords);
  const general = useWords(uiWords);
  const { api } = useSignedIn();
  // What was chosen when the dialog was opened.
  const [chosen] = useState(groups);
  const [step, setStep] = useState<Step>({ at: 'planning' });
  useEffect(() => {
    if (step.at !== 'planning') return;
    planPayouts(api.client, chosen).then(
      (plans) => setStep({ at: 'planned', plans }),
      (error: CombinedError) => setStep({ at: 'failed', error }),
    );
  }, [step.at, api, chosen]);

  const pay = async (plans: Planned[]) => {
    setStep({ at: 'paying', plans });
    setStep({ at: 'done', outcomes: await makePayouts(api.client, plans) });
  };
  const close = () => {
    // While it is on its way, nobody can know what was paid.
    if (step.at !== 'paying') onClose(step.at === 'done');
  };
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={step.at === 'done' ? words.done : words.confirm}
      closeButtonProps={{ 'aria-label': general.close }}
    >
      {step.at === 'planning' && <Loader aria-label={words.adding} />}
      {step.at === 'failed' && <Failure error={step.error} onRetry={() => setStep({ at: 'planning' })} />}
      {(step.at === 'planned' || step.at === 'paying') && (
        <Plans
          plans={step.plans}
          isPaying={step.at === 'paying'}
          onPay={() => pay(step.plans)}
          onClose={close}
        />
      )}
      {step.at === 'done' && (
        <Stack>
          <PaymentOutcomes outcomes={step.outcomes} />
          <Group justify="end">
            <Button onClick={close}>{general.close}</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

interface PlansProps {
  plans: Planned[];
  isPaying: boolean;
  onPay(): void;
  onClose(): void;
}

function Plans({ plans, isPaying, onPay, onClose }: PlansProps) {
  const words = useWords(payoutsWords);
  const format = useFormat();
  const payable = plans.filter(({ sums }) => sums.length > 0);
  const inAll = addUp(payable.flatMap(({ sums }) => sums));
  const events = inAll.reduce((sum, one) => sum + one.events, 0);
  const amounts = inAll.map(({ currency, amount }) => format.amount(amount, currency)).join(' + ');
  return (
    <Stack>
      <Text>{words.payoutsToMake(format.count(payable.length), payable.length)}</Text>
      <Table.ScrollContainer minWidth={280} type="native" tabIndex={0}>
        <Table aria-label={words.confirm}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{words.month}</Table.Th>
              <Table.Th scope="col" className="number" visibleFrom="sm">
                {words.caregivers}
              </Table.Th>
              <Table.Th scope="col" className="number count">
                {words.eventCount}
              </Table.Th>
              <Table.Th scope="col" className="number">
                {words.sum}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {plans.map((planned) => (
              <Plan key={`${planned.group.month} ${planned.group.caregiverIds[0]}`} planned={planned} />
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr>
              <Table.Th scope="row">{words.inAll}</Table.Th>
              <Table.Td visibleFrom="sm" />
              <Table.Th className="number">
                <Count value={events} />
              </Table.Th>
              <Table.Th className="number">
                <Sums sums={inAll} />
              </Table.Th>
            </Table.Tr>
          </Table.Tfoot>
        </Table>
      </Table.ScrollContainer>
      {payable.length < plans.length && (
        <Alert color="yellow" variant="outline">
          {words.someGone}
        </Alert>
      )}
      <Group justify="end">
        <Button variant="default" onClick={onClose} disabled={isPaying}>
          {words.cancel}
        </Button>
        <Button onClick={onPay} loading={isPaying} disabled={payable.length === 0}>
          {words.payNow(amounts)}
        </Button>
      </Group>
    </Stack>
  );
}

function Plan({ planned: { group, sums, fromMonth, toMonth } }: { planned: Planned }) {
  const words = useWords(payoutsWords);
  const format = useFormat();
  const months = fromMonth === toMonth ? '' : ` (${format.month(fromMonth)} – ${format.month(toMonth)})`;
  return (
    <Table.Tr>
      <Table.Td>{group.month === 'all' ? `${words.allMonths}${months}` : format.month(group.month)}</Table.Td>
      <Table.Td className="number" visibleFrom="sm">
        <Count value={group.caregiverIds.length} />
      </Table.Td>
      <Table.Td className="number">
        <Count value={sums.reduce((sum, one) => sum + one.events, 0)} />
      </Table.Td>
      <Table.Td className="number">
        <Sums sums={sums} />
      </Table.Td>
    </Table.Tr>
  );
}
