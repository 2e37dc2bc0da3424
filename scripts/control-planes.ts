/**
 * Builds the control planes of other versions of Kubernetes, for `npm run test:e2e -- versions`:
 *
 *     KUBERNETES_VERSIONS_BIN=<folder> node scripts/run.js scripts/control-planes.ts v1.33.13 v1.34.4 …
 *
 * One folder for each version, named after it. Needs Go; nothing is done for folders that exist.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { askGo, buildSource } from './control-plane/go-build.ts'
import { kubernetesSource, otherKubernetesMinutes } from './control-plane/go-sources.ts'
import { explainGo } from './control-plane/missing-programs.ts'

const folder = process.env.KUBERNETES_VERSIONS_BIN
const versions = process.argv.slice(2)
const fault =
  folder === undefined ? 'set KUBERNETES_VERSIONS_BIN to a folder' : explainGo(askGo(), process.env.GOTOOLCHAIN)
if (folder === undefined || fault !== undefined) {
  console.error(`control-planes: ${fault}`)
  process.exit(1)
}
const missing = versions.filter((version) => !existsSync(join(folder, version)))
if (missing.length > 0) console.log(`${missing.join(', ')}: about ${otherKubernetesMinutes} minutes each on two cores`)
for (const version of missing) {
  await buildSource(kubernetesSource(version), resolve(folder, version), console.log)
  console.log(join(folder, version))
}
