import { Switch } from '@mantine/core';
import type { Live } from '../api/live';
import { useWords } from '../language/language';
import { OneOf } from './oneOf';
import { uiWords } from './words';

/** Shows whether a page follows changes, and stops or goes on with it. */
export function LiveSwitch({ live }: { live: Live }) {
  const words = useWords(uiWords);
  return (
    <Switch
      checked={live.isOn}
      onChange={(event) => live.setOn(event.currentTarget.checked)}
      label={<OneOf texts={[words.live, words.paused]} shown={live.isOn ? 0 : 1} />}
      title={words.liveWhy}
    />
  );
}
