import { readSettings, writeSetting } from '../storage/core/settings';
import type { Snapshot } from '../storage/core/transaction';
import type { Command } from '../storage/core/writeQueue';

/** What the last verifying of all rollups came to. */
export interface VerifyNote {
  verifiedAtMs: number;
  /** Rows that differed from their facts. */
  driftRows: number;
}

/** The setting that holds it. */
export const verifySetting = 'last_verify';

/** Keeps what a verifying came to, where a running service finds it. */
export const noteVerify: Command<VerifyNote, VerifyNote> = {
  name: 'noteVerify',
  isNote: true,
  async handle(tx, notes) {
    for (const note of notes) await writeSetting(tx, verifySetting, JSON.stringify(note));
    return notes.map((value) => ({ value }));
  },
};

/** @returns undefined when nothing was ever verified */
export async function readVerifyNote(snapshot: Snapshot): Promise<VerifyNote | undefined> {
  const text = (await readSettings(snapshot)).get(verifySetting);
  return text === undefined ? undefined : JSON.parse(text);
}
