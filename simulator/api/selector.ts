/** Field selectors, with the fields that each kind supports, and label selectors. */

import type { Refusal } from './api-status.ts'
import { badRequest } from './api-status.ts'
import type { ApiObject, KindDefinition } from './kinds.ts'

export interface Selector {
  readonly matches: (object: ApiObject) => boolean
  readonly isSelective: boolean
}

const everywhere: readonly string[] = ['metadata.name', 'metadata.namespace']

/** The fields supported in addition to name and namespace. */
const fieldsOfKinds: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  jobs: ['status.successful'],
  replicasets: ['status.replicas'],
  replicationcontrollers: ['status.replicas'],
  certificatesigningrequests: ['spec.signerName'],
}

interface Term {
  readonly path: readonly string[]
  readonly value: string
  readonly equal: boolean
}

/** `a=b`, `a==b` and `a!=b`, joined by commas; an empty selector matches all. */
export function parseFieldSelector(text: string, kind: KindDefinition): Selector | Refusal {
  const terms: Term[] = []
  for (const part of text.split(',').filter((it) => it !== '')) {
    const match = /^([^=!]+)(!=|==|=)(.*)$/.exec(part)
    if (!match) return badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    const [, field = '', operator, value = ''] = match
    if (!everywhere.includes(field) && !fieldsOfKinds[kind.plural]?.includes(field)) {
      return badRequest(`field label not supported: ${field}`)
    }
    terms.push({ path: field.split('.'), value, equal: operator !== '!=' })
  }
  return {
    matches: (object) => terms.every(({ path, value, equal }) => (valueAt(object, path) === value) === equal),
    isSelective: terms.length > 0,
  }
}

/** `a=b`, `a!=b`, `a` and `!a`, joined by commas; sets in parentheses are not supported. An empty selector matches all. */
export function parseLabelSelector(text: string): Selector | Refusal {
  const tests: ((labels: Readonly<Record<string, string>>) => boolean)[] = []
  for (const part of text.split(',').filter((it) => it !== '')) {
    const match = /^(!?)([\w./-]+)(?:(!=|==|=)([\w.-]*))?$/.exec(part)
    if (!match) return badRequest(`unable to parse requirement: can't understand '${part}'`)
    const [, not = '', key = '', operator, value] = match
    if (operator === undefined) tests.push((labels) => Object.hasOwn(labels, key) === (not === ''))
    else tests.push((labels) => (labels[key] === value) === (operator !== '!='))
  }
  return {
    matches({ metadata: { labels } }) {
      return tests.every((test) => test((labels ?? {}) as Readonly<Record<string, string>>))
    },
    isSelective: tests.length > 0,
  }
}

function valueAt(object: ApiObject, path: readonly string[]): string {
  let value: unknown = object
  for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step]
  return value === undefined || value === null ? '' : String(value)
}
