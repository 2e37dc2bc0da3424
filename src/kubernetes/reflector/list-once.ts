/** One list of the present state, in pages and without a watch. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { Ending } from './endings.ts'
import { readPages } from './list.ts'
import type { ReflectorParts } from './reflector-state.ts'
import { ReflectorState } from './reflector-state.ts'

/** Calls back for each object; `listed` when all were read. Never rejects. */
export async function listOnce<T extends KubernetesObject>(
  parts: Omit<ReflectorParts<T>, 'handlers'>,
  onObject: (object: T) => void,
): Promise<Ending> {
  const handlers = { listBegan() {}, upserted: onObject, deleted() {}, listEnded() {} }
  const { ending } = await readPages(new ReflectorState({ ...parts, handlers }), { atLeast: '' }, new AbortController())
  return ending
}
