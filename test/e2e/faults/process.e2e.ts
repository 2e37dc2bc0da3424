/** What happens to the process itself: outputs that take nothing, memory limits, and a configuration file of garbage. */

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { waitFor } from '../peers.ts'
import { recordFault } from './fault-report.ts'
import type { FaultStack } from './fault-stack.ts'
import { startFaultStack } from './fault-stack.ts'
import type { Replica } from './replica.ts'

const facts = inject('cluster')
const memoryGroup = `/sys/fs/cgroup/memory/kube-state-otlp-${process.pid}`
let stack: FaultStack

beforeAll(async () => {
  stack = await startFaultStack({
    facts,
    name: 'process',
    selection: ['--metric-annotations-allowlist=configmaps=[*]'],
  })
})
afterAll(() => stack?.stop())

/**
 * Stopped with the test, so that no two push at the same time. Without a Lease nobody marks what ends before the first push of a
 * process that follows another, so the changes begin after it.
 */
const start: FaultStack['start'] = async (name, flags, more = {}) => {
  const replica = await stack.start(name, flags, more)
  onTestFinished(() => replica.close())
  if (more.untilReady !== false) await stack.compare(`${name} at the start`, [replica])
  return replica
}

async function finish(scenario: string, product: Replica, notes = ''): Promise<void> {
  const compared = await stack.compare(scenario, [product])
  recordFault({ scenario, ...compared, notes })
  expect(compared.refused).toBe(0)
  await product.close()
}

test('the disk of the log is full', async () => {
  const product = await start('full-disk', ['--log-level=debug'], { shell: 'exec "$@" >/dev/full 2>/dev/full' })
  await stack.churnFor(10_000, 61)
  await finish('disk full for logs', product)
})

test('standard output and standard error are closed, before the start and while it runs', async () => {
  const closed = await start('closed', ['--log-level=debug'], { shell: 'exec "$@" >&- 2>&-' })
  await stack.churnFor(5000, 62)
  await finish('stdout and stderr closed at the start', closed)
  const product = await start('closing', ['--log-level=debug'])
  product.peer.closeOutput()
  await stack.churnFor(10_000, 63)
  await finish('readers of stdout and stderr end', product)
})

test('the configuration file is replaced by garbage, and later by a valid one', async () => {
  const file = join(stack.folder, 'config.yaml')
  writeFileSync(file, 'telemetry: { log_level: info }\n')
  const product = await start('garbage', [`--config=${file}`])
  for (const garbage of [
    '{{{ no: yaml',
    Buffer.from([0, 255, 254, 7, 10, 0]),
    'resources: [pods, unknown]\nport: x\n',
    '',
  ]) {
    const from = product.peer.log().length
    writeFileSync(file, garbage)
    if (garbage !== '')
      await waitFor('a line on it', async () => /config/.test(product.peer.log().slice(from)) || undefined)
    await stack.churnFor(3000, 64)
  }
  expect(await product.readyz()).toMatch(/^ready/)
  await stack.compare('with garbage', [product])
  writeFileSync(file, 'telemetry: { log_level: debug }\n')
  await stack.churnFor(3000, 65)
  await finish('configuration file replaced by garbage', product, 'invalid YAML, binary, invalid values, empty')
})

test('the heap limit is too small: it exits with a reason, and a restart with enough converges', async () => {
  const small = await start('small-heap', [], { nodeFlags: ['--max-old-space-size=20'], untilReady: false })
  expect(await small.peer.exited).toBe('SIGABRT')
  expect(small.peer.log()).toContain('Reached heap limit')
  await small.close()
  await finish('heap limit reached at the start, restarted with enough', await start('enough-heap'))
})

/** Undefined where groups of the first version cannot be made. */
function createMemoryGroup(): string | undefined {
  try {
    mkdirSync(memoryGroup)
    return memoryGroup
  } catch (error) {
    console.warn(`SKIPPED: memory limit of a control group: ${(error as Error).message}`)
    return undefined
  }
}

const group = createMemoryGroup()

describe.skipIf(group === undefined)('a control group', () => {
  const file = (name: string) => join(memoryGroup, name)
  const inGroup = `echo $$ >${file('cgroup.procs')} && exec "$@"`

  test('has too little memory for new objects: the process is killed, and its restart with more converges', async () => {
    onTestFinished(() => rmdirSync(memoryGroup))
    const first = await start('limited', [], { shell: inGroup })
    const used = Number(readFileSync(file('memory.usage_in_bytes'), 'utf8'))
    writeFileSync(file('memory.limit_in_bytes'), `${used + 8_000_000}`)
    const text = 'x'.repeat(100_000)
    for (let i = 0; i < 300; i++) {
      const metadata = { name: `heavy-${i}`, annotations: { text: `${i}${text}` } }
      await stack.client.create(`/api/v1/namespaces/${stack.namespaces[0]}/configmaps`, { metadata })
    }
    expect(await first.peer.exited).toBe('SIGKILL')
    await first.close()
    writeFileSync(file('memory.limit_in_bytes'), '-1')
    await sleep(1000)
    const second = await start('restarted', [], { shell: inGroup })
    await finish(
      'memory limit of the container reached, restarted with more',
      second,
      `limit ${Math.round(used / 1e6) + 8} MB`,
    )
  })
})
