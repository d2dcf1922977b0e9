import { type FormEvent, useState } from 'react';
import { tokenIn } from '../session/token';

/** What stands in place of the playground while nobody has signed in: how to, and why it is needed again. */
export function SignIn({ reason, onToken }: { reason: string | undefined; onToken(token: string): void }) {
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
      <p role="status">{problem ?? reason ?? 'Nobody has signed in here.'}</p>
      <p>Whoever runs the service makes a link that signs this browser in:</p>
      <pre>
        <code>npx caretally token --role ADMIN --link {location.origin}</code>
      </pre>
      <form onSubmit={submit}>
        <label htmlFor="token">Or paste a token:</label>
        <input id="token" name="token" type="password" autoComplete="off" required />
        <button type="submit">Sign in</button>
      </form>
    </div>
  );
}
