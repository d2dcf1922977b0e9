export interface Example {
  title: string;
  query: string;
  variables: Record<string, unknown>;
}

/**
 * The operations that the playground opens with, dated around `now` so that they have something to show on
 * any day. Months and offsets are in the time zone of the machine that runs this: the reader's browser.
 * GraphiQL names a tab after its operation, so each operation is named like its title. Their comments are
 * broken early because the editor does not wrap lines and shows 50 columns in a window 1280 pixels wide.
 */
export function examples(now: Date): Example[] {
  const [firstMonth, lastMonth] = lastFullQuarter(now);

  return [
    {
      title: 'Register an event',
      query: registerAnEvent,
      variables: { input: { caregiverId: '1', eventTypeId: '1', occurredAt: dateTime(startOfMinute(now)) } },
    },
    {
      title: 'Report of a quarter',
      query: reportOfAQuarter,
      variables: { filter: { fromMonth: yearMonth(firstMonth), toMonth: yearMonth(lastMonth) } },
    },
    {
      title: 'Report of chosen caregivers',
      query: reportOfChosenCaregivers,
      variables: {
        filter: {
          caregiverIds: ['1', '2', '3'],
          from: dateTime(inMonth(firstMonth, 10, 8, 0)),
          to: dateTime(inMonth(lastMonth, 20, 17, 30)),
        },
      },
    },
    { title: 'Paging', query: paging, variables: { after: null } },
    {
      title: 'Live',
      query: live,
      variables: { filter: { fromMonth: yearMonth(now), toMonth: yearMonth(now) } },
    },
    { title: 'Find caregivers and event types', query: findCaregiversAndEventTypes, variables: {} },
  ];
}

const registerAnEvent = `# Registers one event and shows what it is worth.
# Sent again with an id of yours, it is replayed.
mutation RegisterAnEvent($input: RegisterEventInput!) {
  registerEvent(input: $input) {
    event {
      id
      caregiver {
        name
      }
      eventType {
        name
      }
      occurredAt
      month
      amount
      currency
      reimbursed
    }
    replayed
  }
}
`;

const reportOfAQuarter = `# Paid and owed in the last full quarter: in all,
# by month, by caregiver. Amounts in öre or cents.
query ReportOfAQuarter($filter: ReportFilter!) {
  report(filter: $filter) {
    generatedAt
    timeZone
    totals {
      currency
      reimbursed {
        amount
        events
      }
      unreimbursed {
        amount
        events
      }
      total {
        amount
        events
      }
    }
    months {
      month
      currency
      reimbursed {
        amount
        events
      }
      unreimbursed {
        amount
        events
      }
      total {
        amount
        events
      }
    }
    rows(first: 20) {
      nodes {
        month
        caregiver {
          name
        }
        currency
        reimbursed {
          amount
          events
        }
        unreimbursed {
          amount
          events
        }
        total {
          amount
          events
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`;

const reportOfChosenCaregivers = `# Three caregivers, from one moment to another.
# Partial months are exact, to the millisecond.
query ReportOfChosenCaregivers($filter: ReportFilter!) {
  report(filter: $filter) {
    from
    to
    timeZone
    totals {
      currency
      reimbursed {
        amount
        events
      }
      unreimbursed {
        amount
        events
      }
      total {
        amount
        events
      }
    }
    rows(first: 20) {
      nodes {
        month
        caregiver {
          id
          name
        }
        currency
        total {
          amount
          events
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`;

const paging = `# One caregiver's events, ten at a time. To go on,
# copy endCursor into the variable after and rerun.
query Paging($after: String) {
  events(filter: { caregiverIds: ["1"] }, first: 10, after: $after) {
    nodes {
      id
      eventType {
        name
      }
      occurredAt
      amount
      currency
      reimbursed
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

const live = `# The report of this month, again whenever anything
# in it changes. Register an event in another tab.
subscription Live($filter: ReportFilter) {
  reportChanged(filter: $filter) {
    generatedAt
    totals {
      currency
      reimbursed {
        amount
        events
      }
      unreimbursed {
        amount
        events
      }
    }
  }
}
`;

const findCaregiversAndEventTypes = `# The ids that the other examples need, and what
# each type of event is worth.
query FindCaregiversAndEventTypes {
  caregivers(first: 10) {
    nodes {
      id
      name
      unit {
        name
      }
    }
  }
  eventTypes(first: 20) {
    nodes {
      id
      name
      amount
      currency
    }
  }
}
`;

function lastFullQuarter(now: Date): [firstMonth: Date, lastMonth: Date] {
  const startOfThisQuarter = now.getMonth() - (now.getMonth() % 3);
  // Date carries month -3 and -1 over into the year before.
  return [
    new Date(now.getFullYear(), startOfThisQuarter - 3, 1),
    new Date(now.getFullYear(), startOfThisQuarter - 1, 1),
  ];
}

function inMonth(month: Date, day: number, hour: number, minute: number): Date {
  return new Date(month.getFullYear(), month.getMonth(), day, hour, minute);
}

/** Easier to read, and a browser's clock that is seconds ahead does not date the event in the future. */
function startOfMinute(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 60_000) * 60_000);
}

/** `2026-03` */
function yearMonth(date: Date): string {
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}`;
}

/** `2026-03-29T08:00:00+02:00`: the API refuses a time without its offset. */
function dateTime(date: Date): string {
  const offsetMinutes = -date.getTimezoneOffset();
  const localTime = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const hours = Math.floor(Math.abs(offsetMinutes) / 60);
  return `${localTime}${sign}${twoDigits(hours)}:${twoDigits(Math.abs(offsetMinutes) % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
