import type { Refusal } from '../api/refusal';
import { useFormat, useWords } from '../language/language';
import { useSession } from '../session/session';
import { refusalWords } from './refusalWords';

/** Codes whose sentence is always the same. */
const fixed = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'UNKNOWN_CAREGIVER',
  'UNKNOWN_UNIT',
  'UNKNOWN_EVENT_TYPE',
  'UNKNOWN_EVENT',
  'EVENT_TYPE_ARCHIVED',
  'EVENT_TYPE_IN_USE',
  'EVENT_ID_CONFLICT',
  'EVENT_DELETED',
  'EVENT_REIMBURSED',
  'NOTHING_TO_REIMBURSE',
  'TOKENS_MADE_ELSEWHERE',
  'AMOUNT_TOO_LARGE',
  'OVERLOADED',
  'REQUEST_TOO_SLOW',
  'TIMEOUT',
  'UNAVAILABLE',
] as const;

/** What a page asks for is built in: of these, whoever uses it can change nothing but how much it is. */
const tooMuch = ['QUERY_TOO_COSTLY', 'QUERY_TOO_LONG', 'TOO_MANY_VALUES', 'BODY_TOO_LARGE'];

/** Fields that are wrong in one way alone. */
const fields = ['caregiverId', 'unitId', 'currency', 'occurredAt'] as const;

/**
 * Says why the service has refused something, in the reader's language and time zone. What no page expects is said in the
 * service's own words.
 */
export function useSayRefusal(): (refusal: Refusal) => string {
  const words = useWords(refusalWords);
  const format = useFormat();
  const { signedIn } = useSession();
  const timeZone = signedIn?.service.timeZone;

  return ({ code, message, field = '', details }) => {
    const { serviceTime, limitHours, mayBeLate, otherId, requestId, maxCharacters } = details;
    const fixedCode = fixed.find((one) => one === code);
    if (fixedCode) return words[fixedCode];
    if (tooMuch.includes(code)) return words.TOO_MUCH;
    switch (code) {
      case 'EVENT_IN_FUTURE':
        return typeof serviceTime === 'string' && timeZone !== undefined
          ? words.future(format.dateTime(serviceTime, timeZone))
          : words.notYet;
      case 'LATE_ENTRY': {
        const ago = words.late(format.hours(Number(limitHours)));
        return `${ago} ${mayBeLate ? words.lateSayWhy : words.lateAskManager}`;
      }
      case 'ALREADY_EXISTS':
        return otherId === undefined ? words.exists : words.existsAs(String(otherId));
      case 'RATE_LIMITED':
        return words.rateLimited;
      case 'INTERNAL':
        return requestId === undefined ? words.internal : words.internalAs(String(requestId));
      case 'BAD_USER_INPUT': {
        if (typeof maxCharacters === 'number') return words.text(format.count(maxCharacters));
        const known = fields.find((one) => field.replace(/^input\./, '') === one);
        return known ? words[known] : words.said(message);
      }
      default:
        return words.said(message);
    }
  };
}
