import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One payment run: the events that were marked as reimbursed together. */
@Entity('payout')
export class PayoutEntity {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'integer', name: 'created_at_ms' })
  createdAtMs: number;

  @Column({ type: 'text', name: 'created_by' })
  createdBy: string;
}
