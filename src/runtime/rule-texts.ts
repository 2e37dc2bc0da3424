/** All texts with rules for custom resources: those of the configuration, and those of objects in the cluster. */

import { isDeepStrictEqual } from 'node:util'
import type { NamedText } from '../config/custom-resources-config.ts'

export interface RuleTexts {
  /** Replaces the texts of the configuration; resolves when they are in use. */
  configured(texts: readonly NamedText[]): Promise<void>
  /** Replaces the texts of one reader of objects; resolves when they are in use. */
  found(reader: string, texts: readonly NamedText[]): Promise<void>
}

/**
 * Begins with the texts of the configuration, which are in use. `use` puts texts to use: those of the configuration in its
 * order, then those of objects by their sources.
 */
export function createRuleTexts(
  start: readonly NamedText[],
  use: (texts: readonly NamedText[]) => Promise<void>,
): RuleTexts {
  let ofConfiguration = start
  const ofReaders = new Map<string, readonly NamedText[]>()
  const useAll = () => use([...ofConfiguration, ...[...ofReaders.values()].flat().sort(compareSources)])
  return {
    configured(texts) {
      if (isDeepStrictEqual(texts, ofConfiguration)) return Promise.resolve()
      ofConfiguration = texts
      return useAll()
    },
    found(reader, texts) {
      ofReaders.set(reader, texts)
      return useAll()
    },
  }
}

function compareSources(left: NamedText, right: NamedText): number {
  return left.source < right.source ? -1 : 1
}
