/** How a browser's tabs tell each other who has signed in. Nothing of it is written down. */
type Message =
  | { is: 'question'; from: string }
  | { is: 'answer'; to: string; token: string }
  | { is: 'signedOut'; token: string };

/** Names the tab that was used last. */
const lastUsedKey = 'caretally:last-tab';

interface OtherTabsOptions {
  /** What to give to a tab that has no sign-in: this tab's own token. */
  tokenToGive(): string | undefined;
  onToken(token: string): void;
  onSignedOut(token: string): void;
}

export interface OtherTabs {
  /** Asks for a sign-in: so a link that is opened in a new tab works also for those who do not stay on this device. */
  ask(): void;
  tellSignedOut(token: string): void;
  leave(): void;
}

/**
 * Joins the other tabs of this browser. Of those the one that was used last answers, since the new one was opened from it:
 * two people may have signed in side by side.
 */
export function joinOtherTabs({ tokenToGive, onToken, onSignedOut }: OtherTabsOptions): OtherTabs {
  const name = String(Math.random());
  const channel = new BroadcastChannel('caretally:tabs');
  const post = (message: Message) => channel.postMessage(message);
  const isUsed = () => {
    const isLast = localStorage.getItem(lastUsedKey) === name;
    if (!isLast && tokenToGive() !== undefined) localStorage.setItem(lastUsedKey, name);
  };
  isUsed();
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    const token = tokenToGive();
    if (data.is === 'signedOut') onSignedOut(data.token);
    if (data.is === 'answer' && data.to === name) onToken(data.token);
    if (data.is === 'question' && token !== undefined && localStorage.getItem(lastUsedKey) === name) {
      post({ is: 'answer', to: data.from, token });
    }
  };
  const uses = ['pointerdown', 'keydown'];
  for (const use of uses) window.addEventListener(use, isUsed, { capture: true });
  return {
    ask: () => post({ is: 'question', from: name }),
    tellSignedOut: (token) => post({ is: 'signedOut', token }),
    leave() {
      channel.close();
      for (const use of uses) window.removeEventListener(use, isUsed, { capture: true });
    },
  };
}
