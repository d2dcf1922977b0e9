import type { ComboboxItem, OptionsFilter } from '@mantine/core';
import { foldText } from '../../platform/values/text';

/** Offers the options whose labels contain what was typed, folded as the service folds what it searches. */
export const foldedFilter: OptionsFilter = ({ options, search, limit }) => {
  const sought = foldText(search.trim());
  // No list here has groups.
  return (options as ComboboxItem[]).filter(({ label }) => foldText(label).includes(sought)).slice(0, limit);
};
