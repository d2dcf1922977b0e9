/** What the service says when it refuses something. */
export interface Refusal {
  code: string;
  /** A sentence in English, for those who program. */
  message: string;
  /** The input field to blame. */
  field?: string | undefined;
  /** What the sentence speaks of, such as limits and instants. */
  details: Readonly<Record<string, unknown>>;
}

/** Reads one of the errors of an answer. */
export function refusalOf(error: { message: string; extensions?: Record<string, unknown> }): Refusal {
  const { code, field, ...details } = error.extensions ?? {};
  return {
    code: String(code ?? ''),
    message: error.message,
    field: typeof field === 'string' ? field : undefined,
    details,
  };
}
