import { useFormat } from '../language/language';
import { useSignedIn } from '../session/session';

/** An instant as date and time in the service's time zone. Where both do not fit into a line, the time has its own. */
export function Moment({ at }: { at: string }) {
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const [date, time] = format.dateAndTime(at, timeZone);
  return (
    <time dateTime={at}>
      <span className="whole">{date}</span> <span className="whole">{time}</span>
    </time>
  );
}
