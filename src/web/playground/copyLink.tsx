import { pick, ToolbarButton, useGraphiQL } from '@graphiql/react';
import type { Notice } from './noticeBar';
import { linkTo } from './sharedQuery';

/** The toolbar's button that copies a link to what the open tab holds. */
export function CopyLink({ onNotice }: { onNotice(notice: Notice): void }) {
  const { queryEditor, variableEditor, operationName } = useGraphiQL(
    pick('queryEditor', 'variableEditor', 'operationName'),
  );
  const copy = async () => {
    const made = linkTo({
      query: queryEditor?.getValue() ?? '',
      variables: variableEditor?.getValue() ?? '',
      operationName,
    });
    if ('problem' in made) return onNotice({ text: made.problem });
    try {
      await navigator.clipboard.writeText(made.link);
      onNotice({ text: 'The link is copied. Whoever opens it signs in as themselves.' });
    } catch {
      // Refused by the person or a policy; or the page came by plain HTTP, where browsers have no clipboard.
      onNotice({
        text: 'The browser does not let this page copy. Copy the link from here:',
        link: made.link,
      });
    }
  };
  return (
    <ToolbarButton label="Copy link" onClick={copy}>
      <svg
        className="graphiql-toolbar-icon"
        aria-hidden="true"
        viewBox="0 0 22 22"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
      >
        <path d="M9 13a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L11 6" />
        <path d="M13 9a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L11 16" />
      </svg>
    </ToolbarButton>
  );
}
