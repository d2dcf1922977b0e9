import sql, { type Sql } from 'sql-template-tag';
import { inSql, joined, literal } from '../storage/core/textInSql';
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
          sql`coalesce(${jsonValue(column)}, 'null')`,
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

function csvCell(column: Column): Sql {
  return sql`coalesce(${column.kind === 'text' ? inSql.csvText(column.value) : plain(column)}, '')`;
}

function jsonValue(column: Column): Sql {
  if (column.kind === 'text') return inSql.jsonText(column.value);
  return column.kind === 'code' ? sql`'"' || ${column.value} || '"'` : plain(column);
}

function xmlElement(column: Column): Sql {
  const { name, kind, value } = column;
  const content = kind === 'text' ? escaped(value) : plain(column);
  return sql`coalesce(${literal(`<${name}>`)} || ${content} || ${literal(`</${name}>`)}, '')`;
}

/** A value that is text in itself, or a number as it is written. */
function plain({ kind, value }: Column): Sql {
  return kind === 'number' ? inSql.number(value) : value;
}

function escaped(text: Sql): Sql {
  return sql`replace(replace(replace(${text}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')`;
}

/** XML 1.0 cannot hold most control characters, not even as references; a carriage return only as one. */
function replaceForbidden(lines: string): string {
  return lines.replace(/[^\t\n\r\x20-\ufffd]/g, '\ufffd').replaceAll('\r', '&#13;');
}
