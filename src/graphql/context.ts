import type { Service } from '../service';
import { createLoaders, type Loaders } from './loaders';

/** Who sends a request. */
export interface Actor {
  /** Written on what the actor deletes and pays. */
  name: string;
}

/** What every resolver of one request shares. */
export interface Context {
  readonly service: Service;
  readonly loaders: Loaders;
  readonly actor: Actor;
  readonly requestId: string;
}

export function createContext(service: Service, requestId: string): Context {
  return { service, loaders: createLoaders(service.database), actor: { name: 'anonymous' }, requestId };
}
