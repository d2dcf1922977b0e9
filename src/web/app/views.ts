import { type ComponentType, type LazyExoticComponent, lazy as lazyComponent } from 'react';
import type { Page } from './pages';

/**
 * What is behind an address, loaded when it is first shown. A page without a view is not offered. The playground has
 * none: it is a document of its own.
 */
export const views: Partial<Record<Page['path'], View>> = {
  '/report': lazy(() => import('../report/reportPage')),
  '/register': lazy(() => import('../register/registerPage')),
  '/payouts': lazy(() => import('../payouts/payoutsPage')),
  '/admin': lazy(() => import('../admin/adminPage')),
  '/api': lazy(() => import('../reference/referencePage')),
};

/** Begins to load what is at an address, while it is still being found out who is there. */
export function preloadView(path: string): void {
  views[path as Page['path']]?.load();
}

type View = LazyExoticComponent<ComponentType> & { load(): void };

function lazy(load: () => Promise<{ default: ComponentType }>): View {
  // One that cannot be loaded fails again, and is told of, where it is shown.
  return Object.assign(lazyComponent(load), { load: () => void load().catch(() => undefined) });
}
