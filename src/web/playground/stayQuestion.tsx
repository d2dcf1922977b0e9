import type { Viewer } from '../session/token';

interface StayQuestionProps {
  viewer: Viewer;
  /** Who else has chosen to stay signed in on this device. */
  kept: Viewer | undefined;
  onAnswer(stays: boolean): void;
  goBackToKept(): void;
}

/** Asks whoever has come by a link, above the playground, whether to stay signed in. Nobody must answer to go on. */
export function StayQuestion({ viewer, kept, onAnswer, goBackToKept }: StayQuestionProps) {
  return (
    <section className="stay-question" aria-label="Stay signed in">
      <p>
        {kept
          ? `Only this tab is signed in as ${viewer.name}. ${kept.name} stays signed in on this device.`
          : 'Stay signed in on this device?'}
      </p>
      <button type="button" onClick={kept ? goBackToKept : () => onAnswer(true)}>
        {kept ? 'Switch back' : 'Stay signed in'}
      </button>
      <button type="button" onClick={() => onAnswer(false)}>
        {kept ? 'Go on' : 'Not now'}
      </button>
    </section>
  );
}
