/** What a check of a database's integrity came to: sentences for whoever runs it. */
export interface Findings {
  /** What is wrong; more than are worth listing are left out. */
  problems: string[];
  /** What nobody has looked at, and why. */
  notChecked: string[];
}

/** So many problems of a kind are listed; who has more knows enough. */
export const maxFound = 100;

export function noFindings(): Findings {
  return { problems: [], notChecked: [] };
}

export function addFindings(to: Findings, { problems, notChecked }: Findings): void {
  to.problems.push(...problems);
  to.notChecked.push(...notChecked);
}
