/** CustomResourceDefinitions of the operators' kinds that deploy/ uses, from the schemas of the tests. */

import { customKinds } from '../deploy/manifest-schemas.ts'
import type { KubeClient } from './kube-client.ts'
import { waitFor } from './peers.ts'

type Schema = Readonly<Record<string, unknown>>

/** Creates the definitions and waits until the API server serves the kinds. They stay: the cluster ends with the tests. */
export async function installCustomKinds(client: KubeClient): Promise<void> {
  for (const definition of customResourceDefinitions()) {
    const { group, versions, names } = definition.spec
    await client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
    const path = `/apis/${group}/${versions[0]?.name}/${names.plural}`
    await waitFor(path, async () => ((await client.get(path)).status === 200 ? true : undefined))
  }
}

function customResourceDefinitions() {
  return Object.entries(customKinds.kinds).map(([id, schema]) => {
    const [group = '', version = '', kind = ''] = id.split('/')
    const plural = pluralOf(kind)
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: `${plural}.${group}`,
        // The API server requires it of groups below k8s.io.
        annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
      },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
        versions: [
          { name: version, served: true, storage: true, schema: { openAPIV3Schema: structural(defOf(schema)) } },
        ],
      },
    }
  })
}

/** As Kubernetes forms it for these kinds: lower case and an s. */
export function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`
}

const defOf = (name: string) => customKinds.$defs[name] as Schema

/** A structural schema: references replaced by what they refer to, without what a definition may not contain. */
function structural(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(structural)
  if (typeof schema !== 'object' || schema === null) return schema
  const { $ref, oneOf, additionalProperties, ...rest } = schema as Schema
  if (typeof $ref === 'string') return structural(defOf($ref.split('/').at(-1) ?? ''))
  if (oneOf !== undefined) return { 'x-kubernetes-int-or-string': true }
  const fields = Object.entries(rest).map(([key, value]) => [key, structural(value)])
  const values =
    typeof additionalProperties === 'object' ? { additionalProperties: structural(additionalProperties) } : {}
  return { ...Object.fromEntries(fields), ...values }
}
