import { Button, Menu } from '@mantine/core';
import { type RefObject, useState } from 'react';
import { CombinedError } from 'urql';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { type CsvStyle, parseCsv, styleCsv } from '../ui/csv';
import { CsvDialog } from '../ui/csvDialog';
import { Failure } from '../ui/failure';
import { saveFile } from '../ui/saveFile';
import { uiWords } from '../ui/words';
import type { ReportFilter } from './choice';
import { downloadCsv } from './download';
import { reportWords } from './words';

interface SaveMenuProps {
  filter: ReportFilter;
  /** The chart's; there is none where there are no events. */
  canvas: RefObject<HTMLCanvasElement | null>;
  hasChart: boolean;
}

/** Saves all of the report, or its picture, as a file. */
export function SaveMenu({ filter, canvas, hasChart }: SaveMenuProps) {
  const words = useWords(reportWords);
  const ui = useWords(uiWords);
  const format = useFormat();
  const { token } = useSignedIn();
  const [isSaving, setSaving] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string | CombinedError>();

  const save = async (name: string, make: () => Promise<Blob>) => {
    setSaving(true);
    setFailure(undefined);
    try {
      saveFile(await make(), name);
    } catch (error) {
      if (error instanceof CombinedError) setFailure(error);
      else setFailure((error instanceof Error && error.message) || ui.noAnswer);
    }
    setSaving(false);
  };
  const makeWorkbook = async () => {
    // Loaded when it is wanted: few want it.
    const { maxWorkbookRows, toWorkbook } = await import('./workbook');
    const csv = parseCsv(await (await downloadCsv(token, filter)).text());
    if (csv.length - 1 > maxWorkbookRows) throw new Error(words.tooManyRows(format.count(maxWorkbookRows)));
    return toWorkbook(csv);
  };
  const saveStyled = (style: CsvStyle) => {
    setAsking(false);
    save('report.csv', async () => {
      const text = await (await downloadCsv(token, filter)).text();
      return new Blob([styleCsv(text, style)], { type: 'text/csv;charset=utf-8' });
    });
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button loading={isSaving}>{words.save}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => save('report.csv', () => downloadCsv(token, filter))}>
            {words.asCsv}
          </Menu.Item>
          <Menu.Item onClick={() => setAsking(true)}>{words.asCsvFor}</Menu.Item>
          <Menu.Item onClick={() => save('report.xlsx', makeWorkbook)}>{words.asXlsx}</Menu.Item>
          <Menu.Item disabled={!hasChart} onClick={() => save('report.png', () => toPng(canvas))}>
            {words.asPng}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isAsking && <CsvDialog onSave={saveStyled} onClose={() => setAsking(false)} />}
      {failure !== undefined && <Failure error={failure} />}
    </>
  );
}

function toPng({ current }: SaveMenuProps['canvas']): Promise<Blob> {
  return new Promise((resolve, reject) =>
    current?.toBlob((picture) => (picture ? resolve(picture) : reject(new Error())), 'image/png'),
  );
}
