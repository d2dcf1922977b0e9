import { type FormEvent, useState } from 'react';
import { tokenIn, type Viewer } from '../session/token';

interface SignInProps {
  reason: string | undefined;
  /** Who has chosen to stay signed in on this device. */
  kept: Viewer | undefined;
  goBackToKept(): void;
  onToken(token: string): void;
}

/** What stands in place of the playground while nobody has signed in: how to, and why it is needed again. */
export function SignIn({ reason, kept, goBackToKept, onToken }: SignInProps) {
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = tokenIn(String(new FormData(event.currentTarget).get('token')));
    setProblem(token === undefined ? 'That is neither a token nor a link with one.' : undefined);
    if (token !== undefined) onToken(token);
  };
  return (
    <div className="sign-in">
      <h1>Caretally playground</h1>
      <p role="status">{problem ?? reason ?? 'You are not signed in.'}</p>
      {kept && (
        <button type="button" onClick={goBackToKept}>
          Go on as {kept.name}
        </button>
      )}
      <p>Ask whoever runs the service for a sign-in link. They make one with this command:</p>
      <pre>
        <code>npx caretally token --role ADMIN --link {location.origin}/playground</code>
      </pre>
      <form onSubmit={submit}>
        <label htmlFor="token">Or paste a token:</label>
        <input id="token" name="token" type="password" autoComplete="off" required />
        <button type="submit">Sign in</button>
      </form>
    </div>
  );
}
