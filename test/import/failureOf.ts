/** What an operator is told when an import ends early. */
export async function failureOf(importing: Promise<unknown>): Promise<string> {
  try {
    await importing;
  } catch (error) {
    expect((error as Error).name).toBe('OperatorError');
    return (error as Error).message;
  }
  throw new Error('expected the import to end early');
}
