/** The kinds that a cluster of manifests has: those of its CustomResourceDefinitions, built-in ones, and the others as they occur. */

import type { ServedKind } from '../custom-resources/served-kind.ts'
import { keyOfKind, kindsOfDefinition } from '../custom-resources/served-kind.ts'
import { resources } from '../families/built-in-resources.ts'
import type { AnyResource } from '../families/family.ts'
import type { Manifest } from './manifests.ts'

/** What is installed. */
export interface InstalledKinds {
  readonly kinds: readonly ServedKind[]
  /** Whether an object that was written in one version is served in another: a definition converts between all of its versions. */
  isServedAs(manifest: Manifest, apiVersion: string): boolean
}

/** Finds the kinds. A kind without a definition is taken to be served as its objects are written. */
export function installedKinds(manifests: readonly Manifest[]): InstalledKinds {
  const defined = manifests.filter(isDefinition).flatMap(({ value }) => kindsOfDefinition(value))
  const isDefined = (group: string, kind: string) =>
    manifests.some((manifest) => isDefinition(manifest) && defines(manifest, group, kind))
  const definedKinds = new Map<string, boolean>()
  const hasDefinition = (group: string, kind: string): boolean => {
    const key = `${group} ${kind}`
    const known = definedKinds.get(key) ?? isDefined(group, kind)
    definedKinds.set(key, known)
    return known
  }
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

function defines({ value }: Manifest, group: string, kind: string): boolean {
  const { spec } = value as { spec?: { group?: unknown; names?: { kind?: unknown } } }
  return spec?.group === group && spec.names?.kind === kind
}

function kindOfManifest({ apiVersion, kind, value }: Manifest): ServedKind {
  const builtIn = resources.find((resource) => resource.kind === kind && resource.apiVersion === apiVersion)
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
