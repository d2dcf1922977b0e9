import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useState } from 'react';
import type { Notice } from './noticeBar';
import type { Shared } from './sharedQuery';

interface OpenSharedProps {
  shared: Shared | undefined;
  onOpened(): void;
  onNotice(notice: Notice): void;
}

/** Opens what a link shares in a tab of its own, as if it had been typed; running it is left to the person. */
export function OpenShared({ shared, onOpened, onNotice }: OpenSharedProps) {
  const { addTab, setOperationName, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor, documentAST, operations } = useGraphiQL(
    pick('queryEditor', 'variableEditor', 'documentAST', 'operations'),
  );
  const [chosen, setChosen] = useState<{ query: string; operationName: string }>();

  useEffect(() => {
    if (!shared || !queryEditor || !variableEditor) return;
    onOpened();
    if ('problem' in shared) return onNotice({ text: shared.problem });
    const { query, variables, operationName } = shared;
    addTab();
    updateActiveTabValues({ query, variables });
    queryEditor.setValue(query);
    variableEditor.setValue(variables);
    if (operationName !== undefined) setChosen({ query: queryEditor.getValue(), operationName });
    onNotice({ text: 'This tab comes from a link. Nothing has been run: read it before you run it.' });
  }, [shared, queryEditor, variableEditor, addTab, updateActiveTabValues, onOpened, onNotice]);

  // GraphiQL chooses the first operation of a document when it has read it, a tenth of a second later.
  useEffect(() => {
    if (!chosen || documentAST?.loc?.source.body !== chosen.query) return;
    setChosen(undefined);
    if (operations?.some(({ name }) => name?.value === chosen.operationName))
      setOperationName(chosen.operationName);
  }, [chosen, documentAST, operations, setOperationName]);

  return null;
}
