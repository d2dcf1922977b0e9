import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A kind of healthcare event and the fixed sum that it is worth to the caregiver. */
@Entity('event_type')
export class EventTypeEntity {
  @PrimaryGeneratedColumn()
  id: number;

  /** The event type's id in the system that the data come from. */
  @Column({ type: 'text', name: 'external_id', nullable: true, unique: true })
  externalId: string | null;

  /** The external id by `keyOf`: what it is found by. */
  @Column({ type: 'text', name: 'external_id_key', nullable: true, unique: true })
  externalIdKey: string | null;

  @Column({ type: 'text', unique: true })
  name: string;

  /** The name by `keyOf`: no two names look the same. */
  @Column({ type: 'text', name: 'name_key', nullable: true, unique: true })
  nameKey: string | null;

  /** Minor units of the currency. Events keep the amount they were registered with. */
  @Column({ type: 'integer', name: 'amount' })
  amountMinor: number;

  /** ISO 4217. */
  @Column({ type: 'text' })
  currency: string;

  /** 1 when it takes no new events. */
  @Column({ type: 'integer' })
  archived: number;

  /** 1 from the first event on, for ever: what has been used cannot be deleted, and no search through events is needed to know. */
  @Column({ type: 'integer' })
  used: number;
}
