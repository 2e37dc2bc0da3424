/** Logs the faults of a reflector, each once per interval, and their end. */

import type { KubernetesObject } from '../../schemas/object-meta.ts'
import type { LogGate } from '../../telemetry/log.ts'
import { outageReminderMs } from '../../telemetry/log.ts'
import type { DecodeError } from '../decode/decode-error.ts'
import type { EndingKind } from './endings.ts'
import type { AttemptResult } from './next-step.ts'
import type { ReflectorScope, ReflectorTarget } from './target.ts'

interface Messages {
  readonly fault: string
  readonly recovery: string
  /** The line for several resources that have the same fault at the same time. */
  readonly several?: string
}

/** Faults of the whole server, independent of the resource. */
const serverFaults: Partial<Record<EndingKind, Messages>> = {
  unreachable: {
    fault: 'the API server cannot be reached; retrying',
    recovery: 'the API server can be reached again',
  },
  unavailable: {
    fault: 'the API server responds with errors; retrying',
    recovery: 'the API server responds without errors again',
  },
  throttled: {
    fault: 'the API server is throttling requests (429); retrying',
    recovery: 'the API server no longer throttles requests',
  },
  unauthorized: {
    fault: 'the API server does not accept the credentials (401); reading them again',
    recovery: 'the API server accepts the credentials again',
  },
  ahead: {
    fault: 'the API server is behind the last known resourceVersion, as after a restore of etcd; listing again',
    recovery: 'lists from the restored API server are complete',
  },
}

/** The fault log of one reflector. A class, and messages only for what is logged: there may be thousands of reflectors. */
export class FaultLog {
  readonly #target: ReflectorTarget
  readonly #scope: ReflectorScope
  readonly #gate: LogGate
  /** Faults that were reported and are not over; undefined most of the time. */
  #ongoing: Set<EndingKind> | undefined

  constructor(target: ReflectorTarget, scope: ReflectorScope, gate: LogGate) {
    this.#target = target
    this.#scope = scope
    this.#gate = gate
  }

  report(result: AttemptResult): void {
    const { kind, reason } = result.ending
    // The end of a watch is no fault; a list that is cut off and a silent stream are.
    if (kind === 'ended' && result.list !== 'broken') return
    const messages = this.#messages(kind)
    if (!messages) return
    this.#ongoing ??= new Set()
    this.#ongoing.add(kind)
    this.#gate.warn(this.#key(kind), { ...this.#fields(), reason }, messages.fault, {
      // Only an administrator can end a refusal: it is logged every interval, an outage once.
      remindAfterMs: serverFaults[kind] && outageReminderMs,
      group: messages.several === undefined ? undefined : { message: messages.several, name: this.#name() },
    })
  }

  reportUnreadable(error: DecodeError): void {
    const name = this.#name()
    this.#gate.warn(
      `kubernetes/unreadable/${name}`,
      { ...this.#fields(), reason: error.message },
      `an object of ${name} cannot be decoded and is ignored`,
    )
  }

  /** A handler threw; `object` is the one that it was called with, if any. */
  reportFailed(failure: unknown, object: KubernetesObject | undefined): void {
    const name = this.#name()
    const { namespace, name: objectName } = object?.metadata ?? {}
    this.#gate.warn(
      `kubernetes/failed/${name}`,
      { ...this.#fields(), namespace, name: objectName, err: failure },
      `an object of ${name} cannot be processed and is ignored`,
    )
  }

  /** The server answers: all faults are over. */
  recovered(): void {
    for (const kind of this.#ongoing ?? []) this.#gate.recovered(this.#key(kind), this.#messages(kind)?.recovery ?? '')
    this.#ongoing = undefined
  }

  #messages(kind: EndingKind): Messages | undefined {
    return serverFaults[kind] ?? resourceFaults(this.#target, this.#scope, this.#name())[kind]
  }

  #key(kind: EndingKind): string {
    return serverFaults[kind] ? `kubernetes/${kind}` : `kubernetes/${kind}/${this.#name()}`
  }

  #name(): string {
    const { plural } = this.#target
    const { namespace } = this.#scope
    return namespace ? `${plural} of namespace ${namespace}` : plural
  }

  #fields(): Record<string, unknown> {
    const { namespace } = this.#scope
    return { resource: this.#target.plural, ...(namespace ? { namespace } : {}) }
  }
}

function resourceFaults(
  target: ReflectorTarget,
  scope: ReflectorScope,
  name: string,
): Partial<Record<EndingKind, Messages>> {
  return {
    forbidden: {
      fault: `no permission to read ${name}: ${missingRule(target, scope)}`,
      recovery: `${name} can be read now`,
      several: 'no permission to read some resources: grant the rules that kube-state-otlp rbac prints',
    },
    absent: {
      fault: `${name} (${target.apiVersion}) are unknown to the API server; retrying periodically`,
      recovery: `${name} are known to the API server now`,
      several: 'resources are unknown to the API server; retrying periodically',
    },
    invalid: {
      fault: `the API server rejects the request for ${name} as invalid; retrying periodically`,
      recovery: `the API server accepts requests for ${name} now`,
      several: 'the API server rejects the requests for resources as invalid; retrying periodically',
    },
    unacceptable: {
      fault: `the API server does not serve ${name} ${requestedForms[target.form]} (406); retrying periodically`,
      recovery: `the API server serves ${name} ${requestedForms[target.form]} now`,
      several: 'the API server does not serve resources in the requested form (406); retrying periodically',
    },
    rejected: {
      fault: `requests for ${name} are rejected; retrying periodically`,
      recovery: `requests for ${name} are accepted again`,
      several: 'requests for resources are rejected; retrying periodically',
    },
    malformed: {
      fault: `the response of the API server for ${name} cannot be decoded; retrying`,
      recovery: `responses of the API server for ${name} can be decoded again`,
    },
    silent: {
      fault: `a stream of ${name} received nothing for too long; restarting it`,
      recovery: `streams of ${name} receive data again`,
      several: 'streams of resources received nothing for too long; restarting them',
    },
    ended: {
      fault: `a list of ${name} was cut off; listing again`,
      recovery: `${name} can be listed again`,
      several: 'lists of resources were cut off; listing again',
    },
  }
}

const requestedForms: Readonly<Record<ReflectorTarget['form'], string>> = {
  object: 'as JSON',
  metadata: 'as metadata',
  table: 'as tables',
}

/** The rule that is missing, as it stands in a manifest. */
function missingRule({ apiVersion, plural }: ReflectorTarget, { namespace }: ReflectorScope): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const where = namespace ? `a Role in namespace ${namespace}` : 'a ClusterRole'
  return `${where} must have the rule { apiGroups: ["${group}"], resources: ["${plural}"], verbs: ["list", "watch"] }`
}
