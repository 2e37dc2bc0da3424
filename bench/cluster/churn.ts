/** Changes the status of pods at a rate: each change sets a restart count that is a mark. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeClient } from '../../test/e2e/kube-client.ts'
import { firstMark } from '../program/marks.ts'
import type { Writable } from './cluster-objects.ts'

interface ContainerStatus {
  readonly restartCount: number
}

/** Pods that run and have a container. */
export const changeablePods = (pods: readonly Writable[]) =>
  pods.filter(({ status }) => {
    const { phase, containerStatuses = [] } = statusOf(status)
    return phase === 'Running' && containerStatuses.length > 0
  })

const statusOf = (status: object | undefined) =>
  (status ?? {}) as { readonly phase?: string; readonly containerStatuses?: readonly ContainerStatus[] }

const stepMs = 50

/** Numbers that no earlier change used. */
let nextMark = firstMark

/** Resolves with the time of the API server's answer by mark, in milliseconds since 1970. Rejects if a write fails. */
export async function churnPods(
  client: KubeClient,
  pods: readonly Writable[],
  rate: number,
  seconds: number,
): Promise<ReadonlyMap<number, number>> {
  const written = new Map<number, number>()
  const writing: Promise<void>[] = []
  const failures: Error[] = []
  const write = async (pod: Writable, mark: number) => {
    await change(client, pod, mark).catch((failure: Error) => failures.push(failure))
    written.set(mark, Date.now())
  }
  const startedMs = performance.now()
  const elapsed = () => (performance.now() - startedMs) / 1000
  for (let count = 0; elapsed() < seconds && failures.length === 0; await sleep(stepMs)) {
    for (; count < elapsed() * rate; count++) writing.push(write(pods[count % pods.length] as Writable, nextMark++))
  }
  await Promise.all(writing)
  if (failures[0]) throw failures[0]
  return written
}

async function change(client: KubeClient, { path, name, status }: Writable, mark: number): Promise<void> {
  const [marked, ...others] = statusOf(status).containerStatuses ?? []
  const containerStatuses = [{ ...marked, restartCount: mark }, ...others]
  const { status: code, body } = await client.patch(`${path}/${name}/status`, { status: { containerStatuses } })
  if (code !== 200) throw new Error(`pod ${name}: status ${code}: ${JSON.stringify(body).slice(0, 300)}`)
}
