import { inBoth } from '../language/words';

export const startWords = inBoth(
  {
    welcome: (name: string, zone: string) => `Welcome, ${name}. Months are counted in ${zone}.`,
    report:
      'What is paid and what is owed, by month and caregiver; to look at, to follow down to its events, to save.',
    register: 'Register care that has been given, with one tap, also where the connection is poor.',
    payouts: 'What is owed, and to whom; pay it, and look at what has been paid.',
    admin: 'Caregivers, units, event types and tokens.',
    api: 'Every operation of the API with an example, for those who build on it.',
    playground: 'Write queries and try them, with all of the schema beside them.',
  },
  {
    welcome: (name, zone) => `Välkommen, ${name}. Månaderna räknas i ${zone}.`,
    report:
      'Vad som är betalt och vad som återstår, per månad och vårdgivare; att se, att följa ned till händelserna, att spara.',
    register: 'Registrera given vård med ett tryck, även där uppkopplingen är dålig.',
    payouts: 'Vad som återstår att betala, och till vem; betala det, och se vad som har betalats.',
    admin: 'Vårdgivare, enheter, händelsetyper och token.',
    api: 'Alla operationer i API:et med exempel, för den som bygger på det.',
    playground: 'Skriv frågor och prova dem, med hela schemat bredvid.',
  },
);
