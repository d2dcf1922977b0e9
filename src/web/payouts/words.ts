import { inBoth } from '../language/words';

export const payoutsWords = inBoth(
  {
    tabs: 'Parts of the page',
    owed: 'Owed',
    past: 'Past payouts',
    month: 'Month',
    allMonths: 'All months',
    caregiver: 'Caregiver',
    caregivers: 'Caregivers',
    everybody: 'Everybody',
    unit: 'Unit',
    eventCount: 'Events',
    events: (count: string, exact: number) => `${count} ${exact === 1 ? 'event' : 'events'}`,
    sum: 'Sum',
    more: 'More',
    inAll: 'In all',
    inAllIn: (currency: string) => `Owed in all, ${currency}`,
    nothingOwed: 'Nothing is owed here.',
    choosePage: 'Choose all rows of this page',
    chooseRow: (name: string, month: string) => `${name}, ${month}`,
    chooseWhole: (name: string) => `All months of ${name}`,
    chosen: (months: string, exactMonths: number, whole: string, exactWhole: number) =>
      [
        ...(exactMonths > 0 || exactWhole === 0
          ? [`${months} ${exactMonths === 1 ? 'row' : 'rows'} chosen`]
          : []),
        ...(exactWhole > 0
          ? [`all months of ${whole} ${exactWhole === 1 ? 'caregiver' : 'caregivers'}`]
          : []),
      ].join(', '),
    chooseAll: 'Choose everything listed',
    chooseNone: 'Choose nothing',
    tooMany: (most: string) => `More than ${most} rows are listed. Narrow them to a month first.`,
    pay: 'Add up and pay …',
    adding: 'Adding up …',
    confirm: 'Pay this?',
    payoutsToMake: (count: string, exact: number) =>
      exact === 1
        ? 'This makes one payout. All that is unpaid in it is paid, as it then stands.'
        : `This makes ${count} payouts, one for each line. All that is unpaid in them is paid, as it then stands.`,
    someGone: 'Of some lines nothing is owed any more: it was paid or deleted meanwhile. They are left out.',
    cancel: 'Cancel',
    payNow: (amounts: string) => `Pay ${amounts}`,
    done: 'What became of it',
    paid: (month: string, id: string) => `${month}: paid, payout ${id}`,
    sumOf: (amount: string, events: string) => `${amount} (${events})`,
    differs: (expected: string) =>
      `Just before, it came to ${expected}. Something was registered, deleted or paid meanwhile; the sum above is what was paid.`,
    notPaid: (month: string) => `${month}: not paid`,
    unknown: (month: string) => `${month}: not known whether paid`,
    unknownWhy: 'No answer came. Look at the past payouts; to pay again is safe, for nothing is paid twice.',
    notSent: 'Not sent, since there was no answer before.',
    nothingPaid: 'Nothing has been paid yet.',
    payout: 'Payout',
    payoutNumber: (id: string) => `Payout ${id}`,
    when: 'When',
    by: 'By',
    time: 'Time',
    eventType: 'Event type',
    open: 'Open',
    openPayout: (id: string) => `Open payout ${id}`,
    paidBy: (name: string, time: string) => `By ${name}, ${time}`,
    eventsPaid: 'Events that were paid',
    saveCsv: 'Save as CSV',
    saving: 'Reading the events …',
  },
  {
    tabs: 'Sidans delar',
    owed: 'Att betala',
    past: 'Tidigare utbetalningar',
    month: 'Månad',
    allMonths: 'Alla månader',
    caregiver: 'Vårdgivare',
    caregivers: 'Vårdgivare',
    everybody: 'Alla',
    unit: 'Enhet',
    eventCount: 'Händelser',
    events: (count, exact) => `${count} ${exact === 1 ? 'händelse' : 'händelser'}`,
    sum: 'Summa',
    more: 'Mer',
    inAll: 'Totalt',
    inAllIn: (currency) => `Att betala totalt, ${currency}`,
    nothingOwed: 'Här finns inget att betala.',
    choosePage: 'Välj alla rader på den här sidan',
    chooseRow: (name, month) => `${name}, ${month}`,
    chooseWhole: (name) => `Alla månader för ${name}`,
    chosen: (months, exactMonths, whole, exactWhole) =>
      [
        ...(exactMonths > 0 || exactWhole === 0
          ? [`${months} ${exactMonths === 1 ? 'rad vald' : 'rader valda'}`]
          : []),
        ...(exactWhole > 0 ? [`alla månader för ${whole} vårdgivare`] : []),
      ].join(', '),
    chooseAll: 'Välj allt i listan',
    chooseNone: 'Välj inget',
    tooMany: (most) => `Listan har fler än ${most} rader. Begränsa den till en månad först.`,
    pay: 'Summera och betala …',
    adding: 'Summerar …',
    confirm: 'Betala det här?',
    payoutsToMake: (count, exact) =>
      exact === 1
        ? 'Det blir en utbetalning. Allt obetalt i den betalas, som det då är.'
        : `Det blir ${count} utbetalningar, en för varje rad. Allt obetalt i dem betalas, som det då är.`,
    someGone:
      'På några rader återstår inget att betala: det har betalats eller tagits bort under tiden. De lämnas ute.',
    cancel: 'Avbryt',
    payNow: (amounts) => `Betala ${amounts}`,
    done: 'Så gick det',
    paid: (month, id) => `${month}: betalt, utbetalning ${id}`,
    sumOf: (amount, events) => `${amount} (${events})`,
    differs: (expected) =>
      `Strax innan var det ${expected}. Något har registrerats, tagits bort eller betalats under tiden; summan ovan är den som betalades.`,
    notPaid: (month) => `${month}: inte betalt`,
    unknown: (month) => `${month}: okänt om det är betalt`,
    unknownWhy:
      'Inget svar kom. Se efter bland tidigare utbetalningar; att betala igen är riskfritt, för inget betalas två gånger.',
    notSent: 'Inte skickat, eftersom svaret innan uteblev.',
    nothingPaid: 'Inget har betalats ännu.',
    payout: 'Utbetalning',
    payoutNumber: (id) => `Utbetalning ${id}`,
    when: 'När',
    by: 'Av',
    time: 'Tid',
    eventType: 'Händelsetyp',
    open: 'Öppna',
    openPayout: (id) => `Öppna utbetalning ${id}`,
    paidBy: (name, time) => `Av ${name}, ${time}`,
    eventsPaid: 'Betalda händelser',
    saveCsv: 'Spara som CSV',
    saving: 'Läser händelserna …',
  },
);
