/** The files that a ConfigMap consists of. */

import type { RuleText } from './read-rules.ts'

/** A ConfigMap as far as rules stand in it. */
interface RuleConfigMap {
  readonly metadata: { readonly namespace: string; readonly name: string }
  readonly data: ReadonlyMap<string, string>
}

/** Each key of `data` is a file, which messages call `namespace/name/key`; by key. */
export function textsOfConfigMap({ metadata: { namespace, name }, data }: RuleConfigMap): RuleText[] {
  const keys = [...data.keys()].sort()
  return keys.map((key) => ({ source: `${namespace}/${name}/${key}`, text: data.get(key) ?? '' }))
}
