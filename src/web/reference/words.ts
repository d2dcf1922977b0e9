import { inBoth } from '../language/words';

export const referenceWords = inBoth(
  {
    intro: 'All that can be asked of the API, as schema.graphql says it. Send it to',
    token: 'with a token in the header',
    find: 'Find an operation',
    query: 'Queries',
    mutation: 'Mutations',
    subscription: 'Subscriptions, over WebSocket (graphql-ws)',
    answers: 'Answers',
    arguments: 'Arguments',
    example: 'Example',
    variables: 'Variables',
    copy: (name: string) => `Copy the example of ${name}`,
    copied: 'Copied',
    none: 'No operation is called like this.',
  },
  {
    intro: 'Allt som går att fråga API:et om, som schema.graphql säger det. Skicka det till',
    token: 'med en token i headern',
    find: 'Hitta en operation',
    query: 'Frågor',
    mutation: 'Ändringar',
    subscription: 'Prenumerationer, över WebSocket (graphql-ws)',
    answers: 'Svarar',
    arguments: 'Argument',
    example: 'Exempel',
    variables: 'Variabler',
    copy: (name) => `Kopiera exemplet för ${name}`,
    copied: 'Kopierat',
    none: 'Ingen operation heter så.',
  },
);
