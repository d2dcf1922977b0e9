import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A clinic, ward or other organisation that caregivers belong to. */
@Entity('unit')
export class UnitEntity {
  @PrimaryGeneratedColumn()
  id: number;

  /** The unit's id in the system that the data come from. */
  @Column({ type: 'text', name: 'external_id', nullable: true, unique: true })
  externalId: string | null;

  /** The external id by `keyOf`: what it is found by. */
  @Column({ type: 'text', name: 'external_id_key', nullable: true, unique: true })
  externalIdKey: string | null;

  @Column({ type: 'text' })
  name: string;
}
