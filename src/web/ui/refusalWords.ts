import { inBoth } from '../language/words';

/** What the service refuses, by its codes, as whoever uses a page would say it. */
export const refusalWords = inBoth(
  {
    UNAUTHENTICATED: 'Your sign-in has ended, or is not valid here. Sign in again.',
    FORBIDDEN: 'Your role does not allow this.',
    UNKNOWN_CAREGIVER: 'There is no such caregiver, or you may not see them.',
    UNKNOWN_UNIT: 'There is no such unit.',
    UNKNOWN_EVENT_TYPE: 'There is no such event type any more. Choose another one.',
    UNKNOWN_EVENT: 'There is no such event, or you may not see it.',
    EVENT_TYPE_ARCHIVED: 'This event type is no longer in use. Choose another one.',
    EVENT_TYPE_IN_USE:
      'There are events of this type, so it cannot be deleted. Archive it instead: it then takes no new events.',
    EVENT_ID_CONFLICT: 'Something else was registered in its place. Discard this and register it again.',
    EVENT_DELETED: 'The event has been deleted.',
    EVENT_REIMBURSED: 'The event has been paid. It can be neither deleted nor paid again.',
    NOTHING_TO_REIMBURSE: 'There is nothing left to pay here. It may have been paid already.',
    TOKENS_MADE_ELSEWHERE: 'Tokens for this service are made by its identity provider, not here.',
    AMOUNT_TOO_LARGE:
      'The sum is too large to be exact. Check the amount of the event type, or choose fewer at a time.',
    TOO_MUCH: 'That is too much at a time. Choose less.',
    OVERLOADED: 'The service has too much to do just now. Try again in a moment.',
    REQUEST_TOO_SLOW: 'The connection is too slow. Nothing was done; try again.',
    TIMEOUT: 'This took too long and was given up. See whether it was done before you try again.',
    UNAVAILABLE:
      'The service cannot reach its database just now. See whether it was done before you try again.',
    future: (time: string) =>
      `That time had not come yet: the clock of the service showed ${time}. Register it once it has taken place.`,
    notYet: 'That time had not come yet. Register it once it has taken place.',
    late: (hours: string) => `That is more than ${hours} ago.`,
    lateAskManager: 'The manager of your unit can register it, with a reason.',
    lateSayWhy: 'Say why it comes so late.',
    exists: 'This is in use already.',
    existsAs: (id: string) => `This is in use already, by the one with the id ${id}.`,
    rateLimited: 'Too much was asked for in a short time. Try again in a minute.',
    internal: 'Something went wrong inside the service. Tell whoever runs it.',
    internalAs: (requestId: string) =>
      `Something went wrong inside the service. Tell whoever runs it, with this number: ${requestId}.`,
    text: (most: string) => `Write a text of at most ${most} characters, none of them invisible.`,
    caregiverId: 'Choose a caregiver.',
    unitId: 'Choose a unit.',
    currency: 'Write the code of a currency in capital letters, such as SEK.',
    occurredAt: 'Choose a date and time between the years 1900 and 2200.',
    said: (message: string) => message,
  },
  {
    UNAUTHENTICATED: 'Din inloggning har upphört, eller gäller inte här. Logga in igen.',
    FORBIDDEN: 'Din roll tillåter inte det här.',
    UNKNOWN_CAREGIVER: 'Vårdgivaren finns inte, eller så saknar du behörighet.',
    UNKNOWN_UNIT: 'Enheten finns inte.',
    UNKNOWN_EVENT_TYPE: 'Händelsetypen finns inte längre. Välj en annan.',
    UNKNOWN_EVENT: 'Händelsen finns inte, eller så saknar du behörighet.',
    EVENT_TYPE_ARCHIVED: 'Händelsetypen används inte längre. Välj en annan.',
    EVENT_TYPE_IN_USE:
      'Det finns händelser av den här typen, så den kan inte tas bort. Arkivera den i stället: då tar den inte emot nya händelser.',
    EVENT_ID_CONFLICT:
      'Något annat har registrerats i dess ställe. Kasta det här och registrera det på nytt.',
    EVENT_DELETED: 'Händelsen är borttagen.',
    EVENT_REIMBURSED: 'Händelsen är betald. Den kan varken tas bort eller betalas igen.',
    NOTHING_TO_REIMBURSE: 'Här finns inget kvar att betala. Det kan redan vara betalt.',
    TOKENS_MADE_ELSEWHERE: 'Token för den här tjänsten skapas av dess identitetsleverantör, inte här.',
    AMOUNT_TOO_LARGE:
      'Summan är för stor för att vara exakt. Kontrollera händelsetypens belopp, eller välj färre åt gången.',
    TOO_MUCH: 'Det är för mycket på en gång. Välj mindre.',
    OVERLOADED: 'Tjänsten har för mycket att göra just nu. Försök igen om en stund.',
    REQUEST_TOO_SLOW: 'Uppkopplingen är för långsam. Inget gjordes; försök igen.',
    TIMEOUT: 'Det tog för lång tid och avbröts. Se efter om det blev gjort innan du försöker igen.',
    UNAVAILABLE: 'Tjänsten når inte sin databas just nu. Se efter om det blev gjort innan du försöker igen.',
    future: (time) =>
      `Den tiden hade inte kommit än: tjänstens klocka visade ${time}. Registrera det när det har ägt rum.`,
    notYet: 'Den tiden hade inte kommit än. Registrera det när det har ägt rum.',
    late: (hours) => `Det är mer än ${hours} sedan.`,
    lateAskManager: 'Din enhets chef kan registrera det, med ett skäl.',
    lateSayWhy: 'Skriv varför det kommer så sent.',
    exists: 'Det används redan.',
    existsAs: (id) => `Det används redan av den med id ${id}.`,
    rateLimited: 'Det blev för många frågor på kort tid. Försök igen om en minut.',
    internal: 'Något gick fel i tjänsten. Säg till den som driver den.',
    internalAs: (requestId) =>
      `Något gick fel i tjänsten. Säg till den som driver den, och uppge det här numret: ${requestId}.`,
    text: (most) => `Skriv en text på högst ${most} tecken, inget av dem osynligt.`,
    caregiverId: 'Välj en vårdgivare.',
    unitId: 'Välj en enhet.',
    currency: 'Skriv en valutas kod med stora bokstäver, som SEK.',
    occurredAt: 'Välj ett datum och en tid mellan åren 1900 och 2200.',
    said: (message) => `Tjänsten svarade: ”${message}”`,
  },
);
