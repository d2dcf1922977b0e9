import fc from 'fast-check';
import { formatDateTime, parseDateTime } from '../../src/platform/values/dateTime';
import { testSeed } from '../support/random';

const settings = { seed: testSeed, numRuns: 2_000 };

describe('a date and time', () => {
  test.each([
    ['2026-03-01T14:30:00+01:00', '2026-03-01T13:30:00.000Z'],
    ['2026-03-01T13:30:00Z', '2026-03-01T13:30:00.000Z'],
    ['2026-03-01t13:30:00z', '2026-03-01T13:30:00.000Z'],
    ['2026-03-01T13:30:00-00:00', '2026-03-01T13:30:00.000Z'],
    ['2026-03-01T00:15:00+14:00', '2026-02-28T10:15:00.000Z'],
    ['2026-02-28T23:59:59.999-12:00', '2026-03-01T11:59:59.999Z'],
    ['2026-03-01T13:30:00.1Z', '2026-03-01T13:30:00.100Z'],
    ['2026-03-01T13:30:00.123456789Z', '2026-03-01T13:30:00.123Z'],
    ['2026-03-01T13:30:00.999999Z', '2026-03-01T13:30:00.999Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, utc) => {
    const parsed = parseDateTime(text);
    expect(parsed).toEqual({ instantMs: expect.any(Number) });
    expect(formatDateTime((parsed as { instantMs: number }).instantMs)).toBe(utc);
  });

  test.each([
    ['2026-03-01T14:30:00', 'must say its offset from UTC'],
    ['2026-03-01T14:30:00.5', 'must say its offset from UTC'],
    ['2026-02-29T00:00:00Z', 'must be a date and time that exists'],
    ['1900-02-29T00:00:00Z', 'must be a date and time that exists'],
    ['2026-04-31T00:00:00Z', 'must be a date and time that exists'],
    ['2026-13-01T00:00:00Z', 'must be a date and time that exists'],
    ['2026-03-01T24:00:00Z', 'must be a date and time that exists'],
    ['2026-03-01T23:60:00Z', 'must be a date and time that exists'],
    ['2026-03-01T23:59:60Z', 'must be a date and time that exists'],
    ['2026-03-01T14:30:00+24:00', 'must have an offset between -23:59 and +23:59'],
    ['2026-03-01T14:30:00+10:60', 'must have an offset between -23:59 and +23:59'],
    ['2026-03-01T14:30:00+0100', 'must be a date and time'],
    ['2026-03-01T14:30Z', 'must be a date and time'],
    ['2026-03-01 14:30:00Z', 'must be a date and time'],
    ['2026-3-1T14:30:00Z', 'must be a date and time'],
    ['26-03-01T14:30:00Z', 'must be a date and time'],
    ['2026-03-01T14:30:00.Z', 'must be a date and time'],
    ['2026-03-01T14:30:00Z\n', 'must be a date and time'],
    ['2026-03-01', 'must be a date and time'],
    ['', 'must be a date and time'],
    [1_772_000_000_000, 'must be a date and time'],
    [null, 'must be a date and time'],
  ])('%j %s', (text, problem) => {
    expect(parseDateTime(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test('is the same instant with every offset', () => {
    const instants = fc.integer({ min: Date.UTC(1900, 0, 2), max: Date.UTC(2200, 0, 1) });
    const offsets = fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 });
    fc.assert(
      fc.property(instants, offsets, (instantMs, offsetMinutes) => {
        const wallClock = formatDateTime(instantMs + offsetMinutes * 60_000).slice(0, -1);
        const distance = Math.abs(offsetMinutes);
        const [hours, minutes] = [Math.floor(distance / 60), distance % 60].map((part) =>
          String(part).padStart(2, '0'),
        );
        const text = `${wallClock}${offsetMinutes < 0 ? '-' : '+'}${hours}:${minutes}`;
        expect(parseDateTime(text)).toEqual({ instantMs });
      }),
      settings,
    );
  });

  test('is what JavaScript reads, too, or has a problem', () => {
    const parts = fc.array(
      fc.constantFrom('2026', '-', '02', '29', '31', 'T', '24', ':', '00', '60', '.', 'Z', '+', '1'),
    );
    const texts = fc.oneof(
      fc.string(),
      parts.map((part) => part.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseDateTime(text);
        if ('instantMs' in parsed) expect(parsed.instantMs).toBe(Date.parse(text.toUpperCase()));
        else expect(parsed.problem).toMatch(/^must .*write it like/);
      }),
      settings,
    );
  });
});
