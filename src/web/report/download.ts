import { CombinedError } from 'urql';
import { fetchWith } from '../session/token';
import type { ReportFilter } from './choice';

/**
 * All rows of the report, as the service streams them.
 * @throws CombinedError with the service's reason, by the promise
 */
export async function downloadCsv(token: string, filter: ReportFilter): Promise<Blob> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) parameters.set(name, String(value));
  const response = await fetchWith(token)(`/report.csv?${parameters}`).catch((networkError: Error) => {
    throw new CombinedError({ networkError });
  });
  if (response.ok) return response.blob();
  const { error: refused }: { error?: { code: string; message: string; field?: string } } =
    await response.json();
  const { message = '', ...extensions } = refused ?? {};
  throw new CombinedError({ graphQLErrors: refused ? [{ message, extensions }] : [], response });
}
