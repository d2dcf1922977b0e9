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

/** Hands a file to the browser, which keeps it where it keeps downloads. */
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download holds the content by then; some browsers begin it only after this task.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
