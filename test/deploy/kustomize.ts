/**
 * Renders the part of kustomize that deploy/kustomize uses: resources, components, namespace and patches by merge or by JSON
 * Patch. Throws on every other field, so that none is ignored; test/e2e compares the result with the real kustomize.
 */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

type Fields = Record<string, unknown>

/** An object of the API, with the fields that rendering reads. */
export interface Manifest extends Fields {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
}

interface Kustomization {
  readonly namespace?: string
  readonly resources?: readonly string[]
  readonly components?: readonly string[]
  readonly patches?: readonly Patch[]
}

interface Patch {
  readonly patch?: string
  readonly path?: string
  readonly target?: { readonly kind: string; readonly name: string }
  readonly options?: { readonly allowKindChange?: boolean }
}

interface Operation {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: unknown
}

/** The objects of a folder with a `kustomization.yaml`. */
export function renderFolder(folder: string): Manifest[] {
  return render(parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')), folder)
}

/** The objects of a kustomization that is not in a file; its paths start at `folder`. */
export function render(kustomization: Kustomization, folder: string, given: Manifest[] = []): Manifest[] {
  const { namespace, resources = [], components = [], patches = [], ...others } = kustomization
  const unknown = Object.keys(others).filter((field) => field !== 'apiVersion' && field !== 'kind')
  if (unknown.length > 0) throw new Error(`${folder}: cannot render ${unknown.join(', ')}`)
  let manifests = addAll(
    given,
    resources.flatMap((path) => readResource(resolve(folder, path))),
    folder,
  )
  for (const path of components) {
    const from = resolve(folder, path)
    manifests = render(parse(readFileSync(join(from, 'kustomization.yaml'), 'utf8')), from, manifests)
  }
  for (const patch of patches) manifests = applyPatch(manifests, patch, folder)
  return namespace === undefined ? manifests : manifests.map((manifest) => moveTo(namespace, manifest))
}

function addAll(given: readonly Manifest[], added: readonly Manifest[], folder: string): Manifest[] {
  const idOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`
  const ids = new Set(given.map(idOf))
  for (const id of added.map(idOf)) {
    if (ids.has(id)) throw new Error(`${folder}: already registered id ${id}`)
    ids.add(id)
  }
  return [...given, ...added]
}

function readResource(path: string): Manifest[] {
  if (!path.endsWith('.yaml')) return renderFolder(path)
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as Manifest)
}

function applyPatch(manifests: Manifest[], { patch, path, target, options }: Patch, folder: string): Manifest[] {
  const content: unknown = parse(patch ?? readFileSync(join(folder, path ?? ''), 'utf8'))
  const named = content as Manifest
  const { kind, name } = target ?? { kind: named.kind, name: named.metadata.name }
  // Without a target the namespace identifies the object too.
  const isMeant = (manifest: Manifest) =>
    [manifest.kind, ...(formerKinds.get(manifest) ?? [])].some((one) => new RegExp(`^(${kind})$`).test(one)) &&
    new RegExp(`^(${name})$`).test(manifest.metadata.name) &&
    (target !== undefined || manifest.metadata.namespace === named.metadata.namespace)
  // A patch with a target may match nothing, as in kustomize: it is then for another combination of components.
  if (target === undefined && !manifests.some(isMeant)) throw new Error(`${folder}: no ${kind} ${name} to patch`)
  return manifests.flatMap((manifest) => {
    if (!isMeant(manifest)) return [manifest]
    if (Array.isArray(content))
      return [remember(manifest, patchByOperations(manifest, content as Operation[], options?.allowKindChange))]
    const { $patch, apiVersion: _, kind: __, metadata: ___, ...fields } = named
    return $patch === 'delete' ? [] : [remember(manifest, merge(manifest, fields) as Manifest)]
  })
}

/** Of objects whose kind was changed: kustomize finds them by each kind that they had. */
const formerKinds = new WeakMap<Manifest, readonly string[]>()

/** What is patched keeps the kinds that it had. */
function remember(before: Manifest, after: Manifest): Manifest {
  const kinds = formerKinds.get(before) ?? []
  formerKinds.set(after, before.kind === after.kind ? kinds : [...kinds, before.kind])
  return after
}

function patchByOperations(manifest: Manifest, operations: readonly Operation[], allowKindChange = false): Manifest {
  const changed = structuredClone(manifest)
  for (const { op, path, value } of operations) {
    const keys = path.split('/').slice(1)
    const last = keys.pop() ?? ''
    const parent = keys.reduce<Fields>((fields, key) => fields[key] as Fields, changed)
    if (op !== 'add' && !(last in parent)) throw new Error(`${manifest.kind}: nothing at ${path} to ${op}`)
    if (op === 'remove') delete parent[last]
    else parent[last] = value
  }
  return allowKindChange ? changed : { ...changed, kind: manifest.kind }
}

/** The merge key of each list, as in the API's types. */
const mergeKeys: Readonly<Record<string, string>> = {
  ...{ containers: 'name', initContainers: 'name', env: 'name', volumes: 'name' },
  ...{ volumeMounts: 'mountPath', ports: 'containerPort' },
}

function merge(old: unknown, patch: unknown, field = ''): unknown {
  if (Array.isArray(patch)) {
    const key = mergeKeys[field]
    return key !== undefined && Array.isArray(old) ? mergeLists(old, patch, key) : patch
  }
  if (typeof patch !== 'object' || patch === null || typeof old !== 'object' || old === null) return patch
  const merged: Fields = { ...old }
  for (const [name, value] of Object.entries(patch)) merged[name] = merge(merged[name], value, name)
  return merged
}

function mergeLists(old: readonly Fields[], patch: readonly Fields[], key: string): unknown[] {
  const find = (entries: readonly Fields[], entry: Fields) => entries.find((other) => other[key] === entry[key])
  const changed = old.map((entry) => merge(entry, find(patch, entry) ?? {}))
  return [...patch.filter((entry) => find(old, entry) === undefined), ...changed]
}

const clusterScoped = new Set(['ClusterRole', 'ClusterRoleBinding', 'Namespace', 'PriorityClass'])

/** Moves the ServiceAccounts of bindings as well: all that are rendered here are in the same namespace. */
function moveTo(namespace: string, manifest: Manifest): Manifest {
  const subjects = manifest.subjects as readonly Fields[] | undefined
  const moved =
    subjects === undefined ? manifest : { ...manifest, subjects: subjects.map((of) => ({ ...of, namespace })) }
  if (manifest.kind === 'Namespace') return { ...moved, metadata: { ...manifest.metadata, name: namespace } }
  if (clusterScoped.has(manifest.kind)) return moved
  return { ...moved, metadata: { ...manifest.metadata, namespace } }
}
