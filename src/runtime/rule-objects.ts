/** Objects of the cluster that hold rules for custom resources: listed and watched, and read again when they change. */

import { isDeepStrictEqual } from 'node:util'
import type { NamedText } from '../config/custom-resources-config.ts'
import { createReflector } from '../kubernetes/reflector/reflector.ts'
import type {
  ReflectorContext,
  ReflectorOptions,
  ReflectorScope,
  ReflectorTarget,
} from '../kubernetes/reflector/target.ts'
import { createWireForm } from '../kubernetes/reflector/wire-form.ts'
import type { KubernetesObject } from '../schemas/object-meta.ts'
import type { Reader } from './reader-set.ts'

export interface RuleObjectsOptions<T extends KubernetesObject> {
  readonly context: ReflectorContext
  readonly reflector: ReflectorOptions
  readonly target: ReflectorTarget<T>
  readonly scope: ReflectorScope
  /** What readiness and the log call the objects. */
  readonly title: string
  readonly textsOf: (object: T) => readonly NamedText[]
  /** Called with the texts of all objects whenever they differ; resolves when they are in use. */
  readonly onTexts: (texts: readonly NamedText[]) => Promise<void>
  /** Called when the first texts are in use, and when they are no longer waited for. */
  readonly onChange: () => void
}

/** Changes that come together, as those of a deployment tool, are one. */
const gatherMs = 50
/** How long readiness waits for the first list. */
const awaitedMs = 60_000

/** The texts of the objects that are known, by namespace and name. */
function createKnownTexts() {
  const known = new Map<string, { readonly texts: readonly NamedText[]; readonly round: number }>()
  let round = 0
  const keyOf = ({ metadata: { namespace, name } }: KubernetesObject) => `${namespace}/${name}`
  return {
    beginList: () => void round++,
    put: (object: KubernetesObject, texts: readonly NamedText[]) => void known.set(keyOf(object), { texts, round }),
    remove: (object: KubernetesObject) => void known.delete(keyOf(object)),
    /** Removes what the list did not have. */
    endList() {
      for (const [key, entry] of known) if (entry.round < round) known.delete(key)
    },
    all: (): NamedText[] => [...known.keys()].sort().flatMap((key) => known.get(key)?.texts ?? []),
  }
}

/** The reader of the objects. Nothing is in use before the first list is complete; an outage later changes nothing. */
export function createRuleObjects<T extends KubernetesObject>(options: RuleObjectsOptions<T>): Reader {
  const { context, target, scope, title, textsOf, onTexts, onChange } = options
  const { clock, gate } = context
  const known = createKnownTexts()
  let used: readonly NamedText[] = []
  let isListed = false
  let isInUse = false
  let isAwaited = true
  let isScheduled = false

  const use = async () => {
    isScheduled = false
    const texts = known.all()
    const isSame = isDeepStrictEqual(texts, used)
    used = texts
    if (!isSame) await onTexts(texts)
    if (isInUse) return
    isInUse = true
    onChange()
  }
  const schedule = () => {
    if (!isListed || isScheduled) return
    isScheduled = true
    clock.after(gatherMs, () => void use())
  }
  const giveUp = () => {
    isAwaited = false
    if (isInUse) return
    gate.warn(`rules/${title}`, {}, `${title} are not listed after ${awaitedMs / 1000}s; ready without their rules`)
    onChange()
  }
  const reflectorOptions = { ...options.reflector, objectLimit: 0 }
  const reflector = createReflector<T>({
    ...{ context, target, scope, options: reflectorOptions },
    form: createWireForm(target, reflectorOptions),
    handlers: {
      listBegan: known.beginList,
      upserted(object) {
        known.put(object, textsOf(object))
        schedule()
      },
      deleted(object) {
        known.remove(object)
        schedule()
      },
      listEnded() {
        known.endList()
        isListed = true
        schedule()
      },
      refused: onChange,
    },
  })
  return {
    scope: {
      resource: title,
      namespace: scope.namespace,
      hasListed: () => isInUse,
      status: () => reflector.status(),
      isAwaited: () => isAwaited,
    },
    revision: () => undefined,
    relist: (reason) => reflector.relist(reason),
    async run(signal) {
      const cancel = clock.after(awaitedMs, giveUp)
      await reflector.run(signal)
      cancel()
    },
  }
}
