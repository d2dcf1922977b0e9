import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** SQLite knows upper and lower case of English letters only, so text to search in is folded here: Åsa is found by åsa. */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Somebody who gives care and is reimbursed for it. */
@Entity('caregiver')
export class CaregiverEntity {
  @PrimaryGeneratedColumn()
  id: number;

  /** The caregiver's id in the system that the data come from. */
  @Column({ type: 'text', name: 'external_id', nullable: true, unique: true })
  externalId: string | null;

  @Column({ type: 'text' })
  name: string;

  /** {@link foldText} of the name: what lists are ordered by and searched in. */
  @Column({ type: 'text', name: 'name_folded' })
  nameFolded: string;

  @Column({ type: 'integer', name: 'unit_id', nullable: true })
  unitId: number | null;
}
