import type { Condition } from '../schemas/object-meta.ts'
import type { Family, Observe } from './family.ts'
import type { Declared } from './family-forms.ts'
import { fixed } from './family-forms.ts'

/**
 * Observes `true`, `false` and `unknown`, each 1 or 0. The status must be exactly `True`, `False` or `Unknown`;
 * any other status gives three zeros.
 */
export function eachConditionStatus(status: string, observe: (value: number, name: string) => void): void {
  observe(status === 'True' ? 1 : 0, 'true')
  observe(status === 'False' ? 1 : 0, 'false')
  observe(status === 'Unknown' ? 1 : 0, 'unknown')
}

/** Three rows (true, false, unknown) for each condition: labels `condition` and `status`. */
export function conditions<T>(declared: Declared & { of(object: T): readonly Condition[] }): Family<T> {
  const { of } = declared
  const callback = (object: T, observe: Observe<['condition', 'status']>) => {
    for (const { type, status } of of(object)) {
      eachConditionStatus(status, (observed, name) => observe(observed, type, name))
    }
  }
  return fixed<T, ['condition', 'status']>({ ...declared, labels: ['condition', 'status'], callback }, 'gauge')
}
