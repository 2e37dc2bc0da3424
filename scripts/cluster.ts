/**
 * A real Kubernetes control plane on loopback, for tests, benchmarks and trials by hand.
 *
 *     node scripts/run.js scripts/cluster.ts up          start it; prints the path of the kubeconfig
 *     node scripts/run.js scripts/cluster.ts env         where it is, in JSON
 *     node scripts/run.js scripts/cluster.ts stop-api [KILL|TERM]
 *     node scripts/run.js scripts/cluster.ts start-api
 *     node scripts/run.js scripts/cluster.ts down        stop it and remove its state
 *     node scripts/run.js scripts/cluster.ts programs    find or build all programs; prints their folder
 *
 * Environment: PEERS_BIN (a folder with programs), CONTROLLERS=1 (also controllers, scheduler and simulated kubelets for every
 * Node object), CLUSTER_STATE, API_PORT, ETCD_PORT, ETCD_PEER_PORT, API_FLAGS (more flags of the API
 * server), AUTHZ (authorization mode, RBAC by default). The token `test-token` may do everything.
 */
import { removeCluster, startApiServer, startCluster, stopApiServer } from './control-plane/cluster.ts'
import type { ClusterSettings } from './control-plane/cluster-settings.ts'
import { readSettings } from './control-plane/cluster-settings.ts'
import { describeCluster } from './control-plane/command-lines.ts'
import { allPrograms, clusterPrograms } from './control-plane/go-sources.ts'
import { providePrograms } from './control-plane/provide-programs.ts'

const [command = '', signal = 'KILL'] = process.argv.slice(2)
const report = (line: string) => console.error(line)

/** The programs are needed only by what starts one. */
const withPrograms = async () => readSettings(process.env, await providePrograms(clusterPrograms, report))
const withoutPrograms = (): ClusterSettings => readSettings(process.env, '')

const commands: Readonly<Record<string, () => Promise<unknown>>> = {
  up: async () => console.log(await startCluster(await withPrograms())),
  env: async () => console.log(describeCluster(withoutPrograms())),
  'stop-api': () => stopApiServer(withoutPrograms(), `SIG${signal}` as NodeJS.Signals),
  'start-api': async () => startApiServer(await withPrograms()),
  down: () => removeCluster(withoutPrograms()),
  programs: async () => console.log(await providePrograms(allPrograms, report)),
}

const run = commands[command]
if (run === undefined) {
  console.error(`cluster: there is no command ${command}; there are ${Object.keys(commands).join(', ')}`)
  process.exitCode = 2
} else {
  await run().catch((failure: Error) => {
    console.error(`cluster: ${failure.message}`)
    process.exitCode = 1
  })
}
