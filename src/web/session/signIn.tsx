import { Button, Checkbox, Code, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useWords } from '../language/language';
import { useSayRefusal } from '../ui/useSayRefusal';
import { type Reason, useSession } from './session';
import { tokenIn } from './token';
import { sessionWords } from './words';

/** How to sign in, and why it is needed (again). */
export function SignIn({ reason }: { reason: Reason }) {
  const words = useWords(sessionWords);
  const say = useSayRefusal();
  const { kept, goBackToKept, signIn } = useSession();
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const token = tokenIn(String(form.get('token')));
    setProblem(token === undefined ? words.noToken : undefined);
    if (token !== undefined) signIn(token, form.has('stay') ? 'device' : 'tab');
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text role="status">{typeof reason === 'string' ? words[reason] : say(reason)}</Text>
        {kept && (
          <Button variant="default" onClick={goBackToKept}>
            {words.goOnAs(kept.name)}
          </Button>
        )}
        <Text>{words.how}</Text>
        <Code block className="wrapped" tabIndex={0}>
          npx caretally token --role ADMIN --link {location.origin}
        </Code>
        <PasswordInput
          name="token"
          label={words.token}
          error={problem}
          autoComplete="off"
          required
          data-autofocus
        />
        <Checkbox name="stay" label={words.stay} description={words.stayWhy} />
        <Button type="submit">{words.signIn}</Button>
      </Stack>
    </form>
  );
}
