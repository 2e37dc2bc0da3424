/** Owns what an operator is told about a reflector's troubles: each once, in words, and its end. Refuses counting. */

import { outageReminderMs } from '../../telemetry/log.ts'
import type { DecodeError } from '../decode/decode-error.ts'
import type { Passage } from './course.ts'
import type { EndingKind } from './endings.ts'
import type { ReflectorScope, ReflectorSurroundings, ReflectorTarget } from './target.ts'

/** The voice of one reflector. */
export interface Troubles {
  tell(passage: Passage): void
  tellUnreadable(error: DecodeError): void
  /** The server answers: whatever it was is over. */
  over(): void
}

interface Words {
  readonly told: string
  readonly over: string
}

/** Troubles of the server, whichever kind meets them first. */
const shared: Partial<Record<EndingKind, Words>> = {
  unreachable: { told: 'the API server cannot be reached', over: 'the API server can be reached again' },
  unavailable: { told: 'the API server answers with errors', over: 'the API server answers again' },
  throttled: { told: 'the API server asks to be left alone for a while', over: 'the API server takes requests again' },
  unauthorized: {
    told: 'the API server does not accept our credentials; they are read again',
    over: 'the API server accepts our credentials again',
  },
  ahead: {
    told: 'the API server is behind what it once told us, as after a restore; everything is listed again',
    over: 'the API server goes on from its restored state',
  },
}

/** Creates the voice of a reflector. */
export function createTroubles({
  target,
  scope,
  gate,
}: Pick<ReflectorSurroundings, 'gate'> & {
  readonly target: ReflectorTarget
  readonly scope: ReflectorScope
}): Troubles {
  const name = scope.namespace ? `${target.plural} of namespace ${scope.namespace}` : target.plural
  const fields = { resource: target.plural, ...(scope.namespace ? { namespace: scope.namespace } : {}) }
  const own = ownWords(target, scope, name)
  const keyOf = (kind: EndingKind) => (shared[kind] ? `kubernetes/${kind}` : `kubernetes/${kind}/${name}`)
  const words = Object.entries({ ...shared, ...own }) as [EndingKind, Words][]

  return {
    tell(passage) {
      const { kind, reason } = passage.ending
      // A watch that ends is no trouble; a list that breaks off, or a stream that says nothing, is one.
      if (kind === 'ended' && passage.list !== 'broken') return
      const said = shared[kind] ?? own[kind]
      // What the server refuses only an administrator ends: it is told every interval, an outage once.
      if (said) gate.warn(keyOf(kind), { ...fields, reason }, said.told, shared[kind] && outageReminderMs)
    },
    tellUnreadable(error) {
      gate.warn(
        `kubernetes/unreadable/${name}`,
        { ...fields, reason: error.message },
        `an object of ${name} cannot be read and is left out`,
      )
    },
    over() {
      for (const [kind, said] of words) gate.recovered(keyOf(kind), said.over)
    },
  }
}

function ownWords(target: ReflectorTarget, scope: ReflectorScope, name: string): Partial<Record<EndingKind, Words>> {
  return {
    forbidden: { told: `${name} may not be read: ${missingRule(target, scope)}`, over: `${name} may be read now` },
    absent: {
      told: `${name} (${target.apiVersion}) are unknown to the API server; it is asked again from time to time`,
      over: `${name} are known to the API server now`,
    },
    rejected: { told: `the API server refuses to list or watch ${name}`, over: `the API server serves ${name} again` },
    malformed: { told: `what the API server sent for ${name} cannot be read`, over: `${name} can be read again` },
    silent: { told: `a stream of ${name} was silent for too long and is opened anew`, over: `${name} are heard again` },
    ended: { told: `a list of ${name} broke off`, over: `${name} can be listed again` },
  }
}

/** The rule that is missing, as it stands in a manifest. */
function missingRule({ apiVersion, plural }: ReflectorTarget, { namespace }: ReflectorScope): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const where = namespace ? `a Role in namespace ${namespace}` : 'a ClusterRole'
  return `${where} must have the rule { apiGroups: ["${group}"], resources: ["${plural}"], verbs: ["list", "watch"] }`
}
