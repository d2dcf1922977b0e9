import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Somebody who gives care and is reimbursed for it. */
@Entity('caregiver')
export class CaregiverEntity {
  @PrimaryGeneratedColumn()
  id: number;

  /** The caregiver's id in the system that the data come from. */
  @Column({ type: 'text', name: 'external_id', nullable: true, unique: true })
  externalId: string | null;

  /** The external id by `keyOf`: what it is found by. */
  @Column({ type: 'text', name: 'external_id_key', nullable: true, unique: true })
  externalIdKey: string | null;

  @Column({ type: 'text' })
  name: string;

  /** The name by `foldText`: what lists are ordered by and searched in, for SQLite folds English letters only. */
  @Column({ type: 'text', name: 'name_folded' })
  nameFolded: string;

  @Column({ type: 'integer', name: 'unit_id', nullable: true })
  unitId: number | null;
}
