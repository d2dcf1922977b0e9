import { readConfig } from '../src/config';
import { OperatorError } from '../src/errors';

describe('the configuration', () => {
  test('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      database: { engine: 'sqlite', file: 'data/caretally.db' },
      databaseIsDefault: true,
      timeZone: 'Europe/Stockholm',
      currency: 'SEK',
      lateEntryLimitHours: 12,
      logLevel: 'info',
    });
  });

  test('is what the environment says; what is empty says nothing', () => {
    const config = readConfig({
      HOST: '0.0.0.0',
      PORT: ' 0 ',
      DATABASE_URL: 'sqlite:///var/lib/caretally/care.db',
      TIME_ZONE: 'America/New_York',
      CURRENCY: 'USD',
      LATE_ENTRY_LIMIT_HOURS: '0.5',
      LOG_LEVEL: '',
    });
    expect(config).toMatchObject({ host: '0.0.0.0', port: 0, databaseIsDefault: false, logLevel: 'info' });
    expect(config).toMatchObject({ timeZone: 'America/New_York', currency: 'USD', lateEntryLimitHours: 0.5 });
    expect(config.database).toEqual({ engine: 'sqlite', file: '/var/lib/caretally/care.db' });
    expect(readConfig({ DATABASE_URL: 'sqlite:care.db' }).database.file).toBe('care.db');
  });

  test('cannot be changed once it is read', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '40.5'],
    ['PORT', 'http'],
    ['DATABASE_URL', 'mysql://localhost/care'],
    ['DATABASE_URL', 'sqlite:'],
    ['TIME_ZONE', 'Stockholm'],
    ['TIME_ZONE', '+02:00'],
    ['CURRENCY', 'kr'],
    ['CURRENCY', 'sek'],
    ['LATE_ENTRY_LIMIT_HOURS', '-1'],
    ['LATE_ENTRY_LIMIT_HOURS', 'twelve'],
    ['LATE_ENTRY_LIMIT_HOURS', '8785'],
    ['LOG_LEVEL', 'loud'],
  ])('with %s=%s is refused in a sentence that names it', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(OperatorError);
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} must .*\\.$`));
  });

  test('never shows a password', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://user:hunter2@host/care' })).toThrow(/^(?!.*hunter2)/);
  });
});
