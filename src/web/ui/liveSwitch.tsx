import { Switch } from '@mantine/core';
import type { Live } from '../api/live';
import { useWords } from '../language/language';
import { uiWords } from './words';

/** Shows whether a page follows changes, and stops or goes on with it. */
export function LiveSwitch({ live }: { live: Live }) {
  const words = useWords(uiWords);
  return (
    <Switch
      checked={live.isOn}
      onChange={(event) => live.setOn(event.currentTarget.checked)}
      label={
        // Both take their place, so that nothing beside or below moves when one becomes the other.
        <span className="one-of">
          {[words.live, words.paused].map((text, index) => (
            <span key={text} hidden={live.isOn !== (index === 0)}>
              {text}
            </span>
          ))}
        </span>
      }
      title={words.liveWhy}
    />
  );
}
