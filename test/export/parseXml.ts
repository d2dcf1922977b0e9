/** What XML 1.0 calls a character. */
const characters = /^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#13': '\r' };

/**
 * Reads the rows of an XML export, and refuses all that is not well-formed: a strict reader of the part of XML that
 * an export may use.
 */
export function parseXml(xml: string, name: string, rowName: string): Record<string, string>[] {
  if (!characters.test(xml)) throw new Error('a character that XML forbids');
  const begin = `<?xml version="1.0" encoding="UTF-8"?>\n<${name}>\n`;
  const end = `</${name}>\n`;
  if (!xml.startsWith(begin) || !xml.endsWith(end)) throw new Error('no document around the rows');
  const rows: Record<string, string>[] = [];
  const row = new RegExp(`<${rowName}>((?:<(\\w+)>[^<>]*</\\2>)*)</${rowName}>\n`, 'y');
  for (row.lastIndex = begin.length; row.lastIndex < xml.length - end.length; ) {
    const from = row.lastIndex;
    const cells = row.exec(xml)?.[1];
    if (cells === undefined) throw new Error(`not well-formed: ${xml.slice(from, from + 200)}`);
    rows.push(
      Object.fromEntries(
        [...cells.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, column, text]) => [
          column,
          resolveEntities(text),
        ]),
      ),
    );
  }
  return rows;
}

function resolveEntities(text = ''): string {
  return text.replace(/&([^;]*);?/g, (reference, entity) => {
    const character = reference.endsWith(';') ? entities[entity] : undefined;
    if (character === undefined) throw new Error(`an ampersand that is no reference: ${text}`);
    return character;
  });
}
