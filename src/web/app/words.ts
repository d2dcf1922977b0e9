import { inBoth } from '../language/words';

/** What the pages are called, and what they are for. */
export const pageWords = inBoth(
  {
    start: 'Start',
    report: 'Report',
    register: 'Register',
    payouts: 'Payouts',
    admin: 'Administration',
    api: 'API',
    playground: 'Playground',
  },
  {
    start: 'Start',
    report: 'Rapport',
    register: 'Registrera',
    payouts: 'Utbetalningar',
    admin: 'Administration',
    api: 'API',
    playground: 'Playground',
  },
);

export const appWords = inBoth(
  {
    skip: 'Skip to the content',
    menu: 'Menu',
    pages: 'Pages',
    appearance: 'Appearance',
    auto: 'As the system',
    light: 'Light',
    dark: 'Dark',
    language: 'Language',
    loading: 'Loading …',
    noPage: 'There is no page at this address.',
    notYours: 'This page is not for you',
    notYoursWhy: (role: string) => `You are signed in as ${role}, and that role may not use it.`,
    toStart: 'To the start page',
    broken: 'This page could not be shown',
    brokenWhy: 'Load it again. If that does not help, tell whoever runs the service.',
    reload: 'Load again',
  },
  {
    skip: 'Hoppa till innehållet',
    menu: 'Meny',
    pages: 'Sidor',
    appearance: 'Utseende',
    auto: 'Som systemet',
    light: 'Ljust',
    dark: 'Mörkt',
    language: 'Språk',
    loading: 'Laddar …',
    noPage: 'Det finns ingen sida på den här adressen.',
    notYours: 'Den här sidan är inte för dig',
    notYoursWhy: (role) => `Du är inloggad som ${role}, och den rollen får inte använda den.`,
    toStart: 'Till startsidan',
    broken: 'Sidan kunde inte visas',
    brokenWhy: 'Ladda om den. Hjälper inte det, säg till den som driver tjänsten.',
    reload: 'Ladda om',
  },
);
