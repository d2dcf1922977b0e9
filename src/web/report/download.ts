import { fetchWith } from '../session/token';
import type { ReportFilter } from './choice';

/**
 * All rows of the report, as the service streams them.
 * @throws Error with the service's reason, by the promise
 */
export async function downloadCsv(token: string, filter: ReportFilter): Promise<Blob> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) parameters.set(name, String(value));
  const response = await fetchWith(token)(`/report.csv?${parameters}`);
  if (response.ok) return response.blob();
  const { error }: { error?: { message?: string } } = await response.json();
  throw new Error(error?.message);
}
