/** A Kubernetes control plane on loopback: etcd and the API server, and on request controllers and simulated kubelets. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BackgroundPrograms } from './background-programs.ts'
import { backgroundPrograms } from './background-programs.ts'
import type { ClusterSettings } from './cluster-settings.ts'
import { apiUrl, kubeconfigOf } from './cluster-settings.ts'
import { apiServerCommand, controllerCommands, etcdCommand, stagesFile } from './command-lines.ts'
import { adminToken, credentialFiles, writeCredentials } from './credentials.ts'
import { kubeletStages } from './kubelet-stages.ts'

/** Long enough for a busy machine. */
const readyMs = 240_000
const pollMs = 200
/** In which a program with a wrong flag has ended. */
const startMs = 1000

/** Parts that run already are kept. Resolves with the path of the kubeconfig when the API server is ready. */
export async function startCluster(settings: ClusterSettings): Promise<string> {
  mkdirSync(settings.state, { recursive: true })
  writeCredentials(settings)
  const programs = backgroundPrograms(settings.state)
  programs.start('etcd', etcdCommand(settings))
  await startApiServer(settings)
  if (settings.hasControllers) {
    writeFileSync(stagesFile(settings.state), kubeletStages())
    for (const [name, command] of Object.entries(controllerCommands(settings))) programs.start(name, command)
    await expectControllers(programs)
  }
  return kubeconfigOf(settings)
}

/** What cannot start ends at once; nothing would ever settle without it. */
async function expectControllers(programs: BackgroundPrograms): Promise<void> {
  await sleep(startMs)
  for (const name of controllerNames)
    if (!programs.isRunning(name)) throw new Error(`${name} ended:\n${programs.lastLines(name)}`)
}

/** Resolves when it is ready; rejects with the end of its log if it ends before. */
export async function startApiServer(settings: ClusterSettings): Promise<void> {
  const programs = backgroundPrograms(settings.state)
  programs.start('apiserver', apiServerCommand(settings))
  const endMs = performance.now() + readyMs
  while (!(await isReady(settings))) {
    const [program = 'etcd'] = ['apiserver', 'etcd'].filter((name) => !programs.isRunning(name))
    if (!programs.isRunning(program)) throw new Error(`${program} ended:\n${programs.lastLines(program)}`)
    if (performance.now() > endMs) throw new Error(`the API server is not ready:\n${programs.lastLines('apiserver')}`)
    await sleep(pollMs)
  }
}

export async function stopApiServer({ state }: ClusterSettings, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  await backgroundPrograms(state).stop('apiserver', signal)
}

/** The programs that `hasControllers` adds. */
export const controllerNames = ['kwok', 'scheduler', 'controller-manager'] as const

/** Stops all programs; the state stays, so that `startCluster` continues with it. */
export async function stopPrograms({ state }: ClusterSettings): Promise<void> {
  const programs = backgroundPrograms(state)
  for (const name of [...controllerNames, 'apiserver', 'etcd']) await programs.stop(name)
}

/** Stops all programs and removes the state. */
export async function removeCluster(settings: ClusterSettings): Promise<void> {
  await stopPrograms(settings)
  rmSync(settings.state, { recursive: true, force: true })
}

async function isReady(settings: ClusterSettings): Promise<boolean> {
  const agent = new Agent({ ca: readFileSync(credentialFiles(settings.state).ca) })
  const headers = { authorization: `Bearer ${adminToken}` }
  return new Promise((resolve) => {
    get(`${apiUrl(settings)}/readyz`, { agent, headers, timeout: 5000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
      .once('timeout', function (this: { destroy(): void }) {
        this.destroy()
      })
      .once('error', () => resolve(false))
  })
}
