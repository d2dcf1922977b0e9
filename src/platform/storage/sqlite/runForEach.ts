/** The driver's prepared statement. */
export interface PreparedStatement {
  run(...values: unknown[]): { changes: number };
}

/** Runs a statement for each row; answers the places of those that changed nothing. */
export function runForEach(statement: PreparedStatement, rows: readonly (readonly unknown[])[]): number[] {
  const unchanged: number[] = [];
  for (let index = 0; index < rows.length; index += 1) {
    const { changes } = statement.run(...(rows[index] as readonly unknown[]));
    if (changes === 0) unchanged.push(index);
  }
  return unchanged;
}
