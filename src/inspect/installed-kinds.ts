/** The kinds that a cluster of manifests has: those of its CustomResourceDefinitions, built-in ones, and the others as they occur. */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import { keyOfKind, kindsOfDefinition } from '../custom-resources/served-kind.ts'
import { resources } from '../families/built-in-resources.ts'
import type { AnyResource } from '../families/family.ts'
import { compileJsonDecoder } from '../kubernetes/decode/json.ts'
import { CustomResourceDefinition } from '../schemas/custom-resource-definition.ts'
import type { Manifest } from './manifests.ts'

const decodeDefinition = compileJsonDecoder(CustomResourceDefinition)

/** What is installed. */
export interface InstalledKinds {
  readonly kinds: readonly ServedKind[]
  /** Whether an object that was written in one version is served in another: a definition converts between all of its versions. */
  isServedAs(manifest: Manifest, apiVersion: string): boolean
}

/** Finds the kinds; throws DecodeError for a definition that is none. A kind without a definition is taken to be served as its objects are written. */
export function installedKinds(manifests: readonly Manifest[]): InstalledKinds {
  const definitions = manifests.filter(isDefinition).map(({ value }) => decodeDefinition(value))
  const defined = definitions.flatMap(kindsOfDefinition)
  const withDefinition = new Set(definitions.map(({ spec }) => `${spec.group} ${spec.names.kind}`))
  const hasDefinition = (group: string, kind: string) => withDefinition.has(`${group} ${kind}`)
  const others = manifests.map(kindOfManifest).filter(({ group, kind }) => !hasDefinition(group, kind))
  const found = new Map([...defined, ...others].map((kind) => [keyOfKind(kind), kind]))
  return {
    kinds: [...found.values()],
    isServedAs({ apiVersion: written, kind }, apiVersion) {
      const [from, to] = [groupOf(written), groupOf(apiVersion)]
      return written === apiVersion || (from === to && hasDefinition(from, kind))
    },
  }
}

/** Whether the manifest is a CustomResourceDefinition. */
export function isDefinition({ apiVersion, kind }: Manifest): boolean {
  return kind === 'CustomResourceDefinition' && groupOf(apiVersion) === 'apiextensions.k8s.io'
}

/** Whether the manifest is of a kind that has metrics without rules. */
export function isBuiltIn(manifest: Manifest): boolean {
  return builtInResource(manifest) !== undefined
}

/** The kind of that name among those that have metrics without rules. */
export function builtInKind(group: string, kind: string): ServedKind | undefined {
  const resource = resources.find((candidate) => candidate.kind === kind && groupOf(candidate.apiVersion) === group)
  return resource && kindOfResource(resource)
}

function builtInResource({ apiVersion, kind }: Manifest): AnyResource | undefined {
  return resources.find((resource) => resource.kind === kind && resource.apiVersion === apiVersion)
}

function kindOfManifest(manifest: Manifest): ServedKind {
  const { apiVersion, kind, value } = manifest
  const builtIn = builtInResource(manifest)
  if (builtIn !== undefined) return kindOfResource(builtIn)
  const { metadata } = value as { metadata?: { namespace?: unknown } | null }
  const [group, version] = [groupOf(apiVersion), apiVersion.slice(apiVersion.indexOf('/') + 1)]
  return { group, version, kind, plural: `${kind.toLowerCase()}s`, namespaced: Boolean(metadata?.namespace) }
}

function kindOfResource({ apiVersion, kind, plural, namespaced }: AnyResource): ServedKind {
  return {
    group: groupOf(apiVersion),
    version: apiVersion.slice(apiVersion.indexOf('/') + 1),
    kind,
    plural,
    namespaced,
  }
}

const groupOf = (apiVersion: string) => (apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : '')
