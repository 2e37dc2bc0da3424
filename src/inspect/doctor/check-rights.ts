/** Checks that all rights that `rbac` prints are granted, by access reviews of the API server. */

import type { ApiClient } from '../../kubernetes/api-client.ts'
import { reasonOf } from '../../telemetry/failure-reason.ts'
import type { RbacObject } from '../rbac.ts'
import type { Finding } from './finding.ts'
import { listNames } from './finding.ts'

/** A service account, in place of the user that asks. */
export interface Account {
  readonly namespace: string
  readonly name: string
}

export interface RightsCheck {
  readonly client: Pick<ApiClient, 'sendJson'>
  /** As `createRbac` yields them. */
  readonly roles: readonly RbacObject[]
  /** Undefined: the user of the kubeconfig, or the pod's service account. */
  readonly account: Account | undefined
  readonly signal: AbortSignal
}

/** One right, as an access review asks for it. */
interface Right {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

const check = 'rights'
const reviewApi = 'authorization.k8s.io/v1'
const askedAtOnce = 8

/** One finding, which names all rights that are missing. */
export async function checkRights(options: RightsCheck): Promise<Finding> {
  const rights = options.roles.flatMap(rightsOf)
  const who = options.account ? userOf(options.account) : 'the current user'
  try {
    const granted = await askAll(options, rights)
    const missing = rights.filter((right, index) => !granted[index] && !isReplaced(right, rights, granted))
    if (missing.length === 0) return { check, state: 'ok', found: `all ${rights.length} rights of ${who} are granted` }
    const found = `${who} may not ${describeRights(missing)}`
    const fix = 'kube-state-otlp rbac, with the same flags, prints the roles: kube-state-otlp rbac | kubectl apply -f -'
    return { check, state: 'failed', found, fix }
  } catch (error) {
    const found = `the API server does not review the rights of ${who}: ${reasonOf(error)}`
    const fix = options.account && 'reviewing the rights of another account needs create on subjectaccessreviews'
    return { check, state: 'warning', found, ...(fix ? { fix } : {}) }
  }
}

function rightsOf({ rules = [], metadata: { namespace } }: RbacObject): Right[] {
  const where = namespace === undefined ? {} : { namespace }
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [undefined] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          resourceNames.map((name) => ({ verb, group, resource, ...where, ...(name === undefined ? {} : { name }) })),
        ),
      ),
    ),
  )
}

/** The UID of kube-system is read from a list of namespaces if the namespace itself may not be read. */
function isReplaced(right: Right, rights: readonly Right[], granted: readonly boolean[]): boolean {
  const isIdentity = right.resource === 'namespaces' && right.verb === 'get'
  return (
    isIdentity && rights.some(({ resource, verb }, i) => resource === 'namespaces' && verb === 'list' && granted[i])
  )
}

async function askAll(options: RightsCheck, rights: readonly Right[]): Promise<boolean[]> {
  const granted: boolean[] = []
  const waiting = [...rights.entries()]
  const askNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      granted[next[0]] = await ask(options, next[1])
    }
  }
  await Promise.all(Array.from({ length: askedAtOnce }, askNext))
  return granted
}

async function ask({ client, account, signal }: RightsCheck, right: Right): Promise<boolean> {
  const self = account === undefined
  const subject = self ? {} : { user: userOf(account), groups: groupsOf(account) }
  const review = (await client.sendJson({
    method: 'POST',
    path: `/apis/${reviewApi}/${self ? 'selfsubjectaccessreviews' : 'subjectaccessreviews'}`,
    body: {
      apiVersion: reviewApi,
      kind: self ? 'SelfSubjectAccessReview' : 'SubjectAccessReview',
      spec: { ...subject, resourceAttributes: right },
    },
    lane: 'reviews',
    signal,
  })) as { readonly status?: { readonly allowed?: boolean } }
  return review.status?.allowed === true
}

function userOf({ namespace, name }: Account): string {
  return `system:serviceaccount:${namespace}:${name}`
}

/** Those that the API server gives every service account. */
function groupsOf({ namespace }: Account): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
}

/** `list, watch secrets; get namespaces/kube-system`; each resource once. */
function describeRights(missing: readonly Right[]): string {
  const verbs = new Map<string, string[]>()
  for (const { verb, group, resource, namespace, name } of missing) {
    const full = [resource, group].filter((part) => part !== '').join('.')
    const what = `${full}${name === undefined ? '' : `/${name}`}${namespace === undefined ? '' : ` in ${namespace}`}`
    verbs.set(what, [...(verbs.get(what) ?? []), verb])
  }
  return listNames(
    [...verbs].map(([what, of]) => `${of.join(', ')} ${what}`),
    '; ',
  )
}
