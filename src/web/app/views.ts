import { type ComponentType, lazy } from 'react';
import type { Page } from './pages';

/**
 * What is behind an address, loaded when it is first shown. A page without a view is not offered. The playground has
 * none: it is a document of its own.
 */
export const views: Partial<Record<Page['path'], ComponentType>> = {
  '/report': lazy(() => import('../report/reportPage')),
  '/payouts': lazy(() => import('../payouts/payoutsPage')),
  '/admin': lazy(() => import('../admin/adminPage')),
  '/api': lazy(() => import('../reference/referencePage')),
};
