import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection';
import type { UnitEntity } from '../units/unit.entity';
import type { CaregiverEntity } from './caregiver.entity';

@ObjectType({ description: 'A clinic, ward or other organisation that caregivers belong to.' })
export class Unit {
  @Field(() => ID, { description: 'The id that the service gave it.' })
  id: string;

  @Field(() => String, {
    nullable: true,
    description: 'Its id in the system that the data come from; unique.',
  })
  externalId: string | null;

  @Field({ description: 'Its name; several units may share one.' })
  name: string;
}

@ObjectType({ description: 'Somebody who gives care and is reimbursed for it.' })
export class Caregiver {
  @Field(() => ID, { description: 'The id that the service gave them.' })
  id: string;

  @Field(() => String, {
    nullable: true,
    description: 'Their id in the system that the data come from; unique.',
  })
  externalId: string | null;

  @Field({ description: 'Their name; several caregivers may share one.' })
  name: string;

  /** Resolved to `unit` by the resolver. */
  unitId: number | null;
}

@InputType({ description: 'A unit to create.' })
export class CreateUnitInput {
  @Field({ description: 'Its name, 1 to 200 characters (Unicode code points).' })
  name: string;

  @Field(() => String, { nullable: true, description: 'Its id in the system that the data come from.' })
  externalId?: string | null;
}

@InputType({ description: 'A caregiver to create.' })
export class CreateCaregiverInput {
  @Field({ description: 'Their name, 1 to 200 characters (Unicode code points).' })
  name: string;

  @Field(() => String, { nullable: true, description: 'Their id in the system that the data come from.' })
  externalId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The unit they belong to.' })
  unitId?: string | null;
}

@InputType({ description: 'What to change of a caregiver. Fields left out stay as they are.' })
export class UpdateCaregiverInput {
  @Field(() => String, {
    nullable: true,
    description: 'A new name, 1 to 200 characters (Unicode code points).',
  })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'A new external id; null removes it.' })
  externalId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The unit to move to, together with past events; null for no unit.',
  })
  unitId?: string | null;
}

@InputType({ description: 'Which caregivers to list. All conditions given must hold.' })
export class CaregiverFilter {
  @Field(() => [ID], { nullable: true, description: 'Only these; an empty list matches none.' })
  ids?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only those with these external ids, compared by what can be seen of them.',
  })
  externalIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Only caregivers of these units.' })
  unitIds?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Only names that contain this text. Case-insensitive in every script; I, İ, i and ı are one letter.',
  })
  nameContains?: string | null;
}

@ObjectType({ description: 'A page of a list of caregivers, as in Relay.' })
export class CaregiverConnection extends connectionOf('Caregiver', Caregiver) {}

@ObjectType({ description: 'A page of a list of units, as in Relay.' })
export class UnitConnection extends connectionOf('Unit', Unit) {}

export function toUnit(unit: UnitEntity): Unit {
  return { id: String(unit.id), externalId: unit.externalId, name: unit.name };
}

export function toCaregiver(caregiver: CaregiverEntity): Caregiver {
  return {
    id: String(caregiver.id),
    externalId: caregiver.externalId,
    name: caregiver.name,
    unitId: caregiver.unitId,
  };
}
