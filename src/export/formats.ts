import type { Sql } from 'sql-template-tag';
import { inSql, joined, literal } from '../storage/textInSql';
import { csvLine } from '../values/csv';
import type { Column, ExportTable } from './exportTable';

export const formatNames = ['csv', 'json', 'xml'] as const;
export type FormatName = (typeof formatNames)[number];

/** How a table becomes text. The lines are made by the database, so that a line is an SQL expression. */
export interface Format {
  begin(table: ExportTable): string;
  line(table: ExportTable): Sql;
  /** Stands between two lines. */
  separator: string;
  end(table: ExportTable): string;
  /** What the database leaves to do on the lines of a page. */
  finish?(lines: string): string;
}

export const formats: Record<FormatName, Format> = {
  csv: {
    begin: ({ columns }) => csvLine(columns.map(({ name }) => name)),
    line: ({ columns }) =>
      joined([
        ...columns.flatMap((column, index) => [...(index === 0 ? [] : [literal(',')]), csvCell(column)]),
        literal('\r\n'),
      ]),
    separator: '',
    end: () => '',
  },

  /** An array of objects, one a line. */
  json: {
    begin: () => '[\n',
    line: ({ columns }) =>
      joined([
        ...columns.flatMap((column, index) => [
          literal(`${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`),
          `coalesce(${jsonValue(column)}, 'null')`,
        ]),
        literal('}'),
      ]),
    separator: ',\n',
    end: () => '\n]\n',
  },

  /** One element a row, in it one for each cell that is not empty. */
  xml: {
    begin: ({ name }) => `<?xml version="1.0" encoding="UTF-8"?>\n<${name}>\n`,
    line: ({ rowName, columns }) =>
      joined([literal(`<${rowName}>`), ...columns.map(xmlElement), literal(`</${rowName}>\n`)]),
    separator: '',
    end: ({ name }) => `</${name}>\n`,
    finish: replaceForbidden,
  },
};

function csvCell({ kind, value }: Column): string {
  return `coalesce(${kind === 'text' ? inSql.csvText(value) : value}, '')`;
}

function jsonValue({ kind, value }: Column): string {
  if (kind === 'text') return inSql.jsonText(value);
  return kind === 'code' ? `'"' || ${value} || '"'` : value;
}

function xmlElement({ name, kind, value }: Column): string {
  const content = kind === 'text' ? inSql.xmlText(value) : value;
  return `coalesce(${literal(`<${name}>`)} || ${content} || ${literal(`</${name}>`)}, '')`;
}

/** XML 1.0 cannot hold most control characters, not even as references; a carriage return only as one. */
function replaceForbidden(lines: string): string {
  return lines.replace(/[^\t\n\r\x20-\ufffd]/g, '\ufffd').replaceAll('\r', '&#13;');
}
