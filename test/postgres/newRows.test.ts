import { setTimeout as sleep } from 'node:timers/promises';
import { databaseForTests } from '../support/databases';
import { tamper } from '../support/fixtures';
import { createLines, few, insertLines, linesFrom, many } from '../support/lines';
import { createGate } from '../support/notes';
import { startTestService } from '../support/testService';

describe.each([few, many])('%d new rows of two instances', (count) => {
  const database = databaseForTests();

  test('wait for each other where their keys meet, and go in once', async () => {
    const [one, other] = [await startTestService({ database }), await startTestService({ database })];
    await tamper(one, createLines);
    const [inserted, gate] = [createGate(), createGate()];
    const first = insertLines(one, linesFrom(1, count), async () => {
      inserted.open();
      await gate.opened;
    });
    await inserted.opened;
    let isAnswered = false;
    const second = insertLines(other, linesFrom(count, count)).finally(() => {
      isAnswered = true;
    });
    await sleep(200);
    expect(isAnswered).toBe(false);
    gate.open();
    expect(await first).toEqual([]);
    expect(await second).toEqual([0]);
    await one.close();
    await other.close();
  });
});
