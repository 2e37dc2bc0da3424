/** Manifests without UIDs: every object of the recorded cases has the same series without its UID. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseManifests } from '../../src/inspect/manifests.ts'
import { observeManifests } from '../../src/inspect/render.ts'
import type { Case } from './cases.ts'
import { readCases, recordedFolder, relevantLines } from './cases.ts'
import { configureCase, writePage } from './rendered-case.ts'

type Manifest = ReturnType<typeof parseManifests>[number]

/** Resource folders alone: the others are about flags, sharding by UID among them. */
const cases = readCases(recordedFolder).filter(
  ({ group, rejects }) => !rejects && !['customresourcestate', 'configfile', 'scoping', 'sharding'].includes(group),
)
const resourceNames = new Set(cases.map(({ group }) => group))

const metadataOf = ({ value }: Manifest) =>
  ((value as { metadata?: object }).metadata ?? {}) as { name?: string; namespace?: string; uid?: string }

function withoutUid(manifest: Manifest): Manifest {
  const { uid: _uid, ...metadata } = metadataOf(manifest)
  return { ...manifest, value: { ...manifest.value, metadata } }
}

/** UIDs and names that occur once: a name that occurs twice is one object where there are no UIDs. */
function isDistinct(manifests: readonly Manifest[]): boolean {
  const names = new Set(
    manifests.map((manifest) => `${manifest.kind} ${metadataOf(manifest).namespace}/${metadataOf(manifest).name}`),
  )
  const uids = new Set(manifests.map((manifest) => `${manifest.kind} ${metadataOf(manifest).uid}`))
  return names.size === manifests.length && uids.size === manifests.length
}

const render = (one: Case, manifests: readonly Manifest[]) => {
  const loaded = configureCase(one)
  if (!loaded.ok) throw new Error(`${one.name} is refused`)
  const { selection } = loaded.config
  const engine = observeManifests({ selection, manifests, onProblem: (message) => expect.unreachable(message) })
  return relevantLines(writePage(engine, 'text'))
    .map((line) => line.replaceAll(/([{,])uid="[^"]*"/g, '$1uid=""'))
    .sort()
}

describe('objects without UID print what they print with it', () => {
  const compared = cases
    .map((one) => ({ one, manifests: parseManifests(readFileSync(`${one.path}.yaml`, 'utf8'), one.name) }))
    .filter(({ manifests }) => isDistinct(manifests))

  test('of every resource, and several of a kind', () => {
    expect(new Set(compared.map(({ one }) => one.group))).toEqual(resourceNames)
    expect(compared.filter(({ manifests }) => manifests.length > 1).length).toBeGreaterThan(20)
  })

  test.each(compared.map(({ one, manifests }) => [one.name, one, manifests] as const))('%s', (_, one, manifests) => {
    const expected = render(one, manifests)
    expect(expected.length).toBeGreaterThan(0)
    expect(render(one, manifests.map(withoutUid))).toEqual(expected)
  })
})

test('two objects of one name and no UID are one, the last', () => {
  const text = ['1970-01-01T00:00:01Z', '1970-01-01T00:00:02Z']
    .map(
      (time) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: here, creationTimestamp: '${time}'}\n`,
    )
    .join('---\n')
  const one = {
    name: 'a',
    group: 'configmaps',
    path: '',
    args: ['--resources=configmaps', '--metric-allowlist=created$'],
  }
  const page = render({ ...one, expected: undefined, rejects: false }, parseManifests(text, 'test'))
  expect(page).toEqual([
    '# TYPE kube_configmap_created gauge',
    'kube_configmap_created{namespace="here",configmap="a"} 2',
  ])
})
