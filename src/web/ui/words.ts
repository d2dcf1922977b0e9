import { inBoth } from '../language/words';

export const uiWords = inBoth(
  {
    failed: 'That did not work',
    noAnswer: 'The service does not answer.',
    again: 'Try again',
    back: 'Back',
    onward: 'Next',
    page: (number: string) => `Page ${number}`,
    live: 'Live',
    paused: 'Paused',
    liveWhy: 'Follows changes as they happen. Touching the table pauses.',
    nobodyFound: 'Nobody found',
    noUnitFound: 'No unit found',
    clear: 'Clear',
    close: 'Close',
  },
  {
    failed: 'Det gick inte',
    noAnswer: 'Tjänsten svarar inte.',
    again: 'Försök igen',
    back: 'Tillbaka',
    onward: 'Nästa',
    page: (number) => `Sida ${number}`,
    live: 'Live',
    paused: 'Pausad',
    liveWhy: 'Följer ändringar när de sker. Rör du tabellen pausas det.',
    nobodyFound: 'Ingen hittades',
    noUnitFound: 'Ingen enhet hittades',
    clear: 'Rensa',
    close: 'Stäng',
  },
);
