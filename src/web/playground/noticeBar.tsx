/** Something the playground has to say, until it is closed; perhaps with a link to copy by hand. */
export interface Notice {
  text: string;
  link?: string;
}

interface NoticeBarProps {
  notice: Notice | undefined;
  onClose(): void;
}

/** Stays on the page while it has nothing to say: screen readers tell only what changes in a place that they know. */
export function NoticeBar({ notice, onClose }: NoticeBarProps) {
  return (
    <div className="notice-bar">
      <p role="status">{notice?.text}</p>
      {notice?.link && (
        <input
          aria-label="Link to the query"
          readOnly
          onFocus={(event) => event.currentTarget.select()}
          value={notice.link}
        />
      )}
      {notice && (
        <button type="button" className="graphiql-button" onClick={onClose}>
          Close
        </button>
      )}
    </div>
  );
}
