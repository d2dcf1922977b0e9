/** Shows how far a step of long work is. */
export interface Step {
  report(progress: { done?: number; part?: number }): void;
  end(): void;
}

export type StartStep = (title: string) => Step;
