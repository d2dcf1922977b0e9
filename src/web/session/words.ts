import { inBoth } from '../language/words';

export const sessionWords = inBoth(
  {
    title: 'Sign in',
    nobody: 'Nobody has signed in here.',
    signedOut: 'You have signed out.',
    expired: 'Your sign-in holds no longer. Sign in again to go on where you are.',
    noAnswer: 'The service does not answer. Load this page again when it does.',
    how: 'Whoever runs the service makes a link that signs this browser in:',
    token: 'Or paste a token or a link',
    noToken: 'That is neither a token nor a link with one.',
    stay: 'Stay signed in on this device',
    stayWhy: 'Otherwise until this tab is closed.',
    signIn: 'Sign in',
    signOut: 'Sign out',
    account: (name: string, role: string) => `${name}, ${role}`,
  },
  {
    title: 'Logga in',
    nobody: 'Ingen har loggat in här.',
    signedOut: 'Du har loggat ut.',
    expired: 'Din inloggning gäller inte längre. Logga in igen för att fortsätta där du är.',
    noAnswer: 'Tjänsten svarar inte. Ladda om sidan när den gör det.',
    how: 'Den som driver tjänsten gör en länk som loggar in den här webbläsaren:',
    token: 'Eller klistra in en token eller en länk',
    noToken: 'Det är varken en token eller en länk med en.',
    stay: 'Förbli inloggad på den här enheten',
    stayWhy: 'Annars tills fliken stängs.',
    signIn: 'Logga in',
    signOut: 'Logga ut',
    account: (name, role) => `${name}, ${role}`,
  },
);

/** What a role is called. */
export const roleWords = inBoth(
  {
    CAREGIVER: 'caregiver',
    MANAGER: 'manager',
    ANALYST: 'analyst',
    ACCOUNTANT: 'accountant',
    ADMIN: 'administrator',
  },
  {
    CAREGIVER: 'vårdgivare',
    MANAGER: 'chef',
    ANALYST: 'analytiker',
    ACCOUNTANT: 'ekonom',
    ADMIN: 'administratör',
  },
);
