/** What dist bundles of other projects: few packages, all under permissive licences, and in the bill of materials. */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Package } from '../../scripts/bill-of-materials.js'
import { bundledPackages, renderBillOfMaterials } from '../../scripts/bill-of-materials.js'
import { bundle } from '../../scripts/bundle.js'

interface Component {
  readonly purl: string
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
}

const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages
const permissive = ['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']
let packages: Package[]
let bill: {
  metadata: { component: { name: string } }
  components: Component[]
  dependencies: { dependsOn: string[] }[]
}

beforeAll(async () => {
  packages = bundledPackages(await bundle({ write: false }))
  bill = JSON.parse(renderBillOfMaterials(packages))
}, 60_000)

describe('bundled packages', () => {
  test('are few, and under permissive licences', () => {
    expect(packages.length).toBeGreaterThan(5)
    expect(packages.length).toBeLessThan(120)
    expect(packages.filter(({ license }) => !permissive.includes(license))).toEqual([])
  })

  test('are those of the lock file', () => {
    for (const { folder, version } of packages) expect(locked[folder]?.version, folder).toBe(version)
  })
})

describe('the bill of materials', () => {
  test('has each of them once, with its version and digest', () => {
    const purls = bill.components.map(({ purl }) => purl)
    expect(purls).toEqual(packages.map(({ name, version }) => `pkg:npm/${name.replace('@', '%40')}@${version}`))
    expect(new Set(purls).size).toBe(purls.length)
    expect(bill.dependencies).toEqual([{ ref: expect.stringMatching(/^pkg:npm\/kube-state-otlp@/), dependsOn: purls }])
    for (const { hashes } of bill.components) {
      expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }])
    }
  })

  test('is the same for the same bundle', () => {
    expect(JSON.parse(renderBillOfMaterials(packages))).toEqual(bill)
    expect(bill.metadata.component.name).toBe('kube-state-otlp')
  })
})
