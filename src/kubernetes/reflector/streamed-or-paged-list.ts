/** Lists of one reflector: streamed, or read in pages when streaming lists are unsupported or keep breaking off. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { EndingKind } from './endings.ts'
import { list } from './list.ts'
import type { AttemptResult, Step } from './next-step.ts'
import type { ReflectorState } from './reflector-state.ts'
import { watch } from './watch.ts'

/** Streaming lists that may break off in a row before paged ones are used: a proxy may cut long responses. */
const brokenStreamsAllowed = 3

type ListStep = Step & { readonly kind: 'list' }

/** Streams lists or reads them in pages, and learns whether streaming lists work here. */
export class ListAttempts<T extends KubernetesObject> {
  readonly #state: ReflectorState<T>
  #needsPages: boolean
  #brokenStreams = 0
  /** The streamed list was refused by something else than an API server, which may let pages pass. */
  #triesPages = false

  constructor(state: ReflectorState<T>) {
    const { options } = state.parts
    this.#state = state
    this.#needsPages = !options.watchList || (options.objectLimit ?? 0) > 0
  }

  async attempt(step: ListStep, attempt: AbortController): Promise<AttemptResult> {
    if (this.#isPaged() || this.#triesPages) return this.#listInPages(step, attempt)
    const result = await watch(this.#state, step, attempt)
    this.#learn(result)
    this.#triesPages = result.ending.kind === 'rejected'
    // Some servers stream lists, but not in this form; in pages it may be served.
    if (result.ending.kind !== 'unacceptable' && !this.#triesPages) return result
    return { ...result, ending: { ...result.ending, kind: 'unsupported' } }
  }

  #isPaged(): boolean {
    const { target, context } = this.#state.parts
    const { withoutWatchList, streamedLists } = context.traits
    // A proxy that holds streams back does so for every resource.
    const isBroken = this.#brokenStreams >= brokenStreamsAllowed || streamedLists === 'silent'
    return this.#needsPages || isBroken || withoutWatchList.has(target.apiVersion)
  }

  #learn({ ending: { kind }, list, delivered }: AttemptResult): void {
    const { target, context } = this.#state.parts
    const { traits } = context
    if (kind === 'unsupported') traits.withoutWatchList.add(target.apiVersion)
    else if (list === 'complete') this.#brokenStreams = 0
    // A server that does not know streaming lists never sends the bookmark; each try would cost half a minute.
    else if (kind === 'silent' || kind === 'unacceptable') this.#needsPages = true
    else if (isStreamsFault(kind)) this.#brokenStreams += 1
    if (kind === 'silent' && delivered === 0 && traits.streamedLists === 'unknown') traits.streamedLists = 'silent'
  }

  async #listInPages(step: ListStep, attempt: AbortController): Promise<AttemptResult> {
    this.#triesPages = false
    const result = await list(this.#state, step.atLeast, attempt)
    // The next list is streamed once more: what broke the streams may be over.
    if (result.list === 'complete') this.#brokenStreams = Math.min(this.#brokenStreams, brokenStreamsAllowed - 1)
    return result
  }
}

/** Whether a broken streaming list may be the fault of streaming: a list in pages would meet these endings as well. */
function isStreamsFault(kind: EndingKind): boolean {
  return kind !== 'unreachable' && kind !== 'unauthorized' && kind !== 'forbidden' && kind !== 'absent'
}
