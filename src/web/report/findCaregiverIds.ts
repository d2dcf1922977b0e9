import type { Client, OperationResult } from 'urql';
import type { ResultOf, VariablesOf } from '../api/graphql';
import type { Choice } from './choice';
import { caregiversOfUnits } from './operations';

/**
 * The caregivers of the chosen units, of those who were chosen by themselves where some were.
 * @throws CombinedError by the promise
 */
export async function findCaregiverIds(client: Client, { caregiverIds, unitIds }: Choice): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  for (;;) {
    const variables: VariablesOf<typeof caregiversOfUnits> = {
      ids: caregiverIds.length > 0 ? [...caregiverIds] : null,
      unitIds: [...unitIds],
      after,
    };
    const { data, error }: OperationResult<ResultOf<typeof caregiversOfUnits>> = await client
      .query(caregiversOfUnits, variables)
      .toPromise();
    if (!data) throw error;
    found.push(...data.caregivers.nodes.map(({ id }) => id));
    const { hasNextPage, endCursor } = data.caregivers.pageInfo;
    if (!hasNextPage) return found;
    after = endCursor;
  }
}
