/** SIGHUP: the configuration is read again, and the process keeps running. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'

test('a process that receives SIGHUP reads its configuration again', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-hangup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (name: string, content: object): string => {
    writeFileSync(join(folder, name), JSON.stringify(content))
    return join(folder, name)
  }
  const kubeconfig = write('kubeconfig', {
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'u', user: {} }],
  })
  const config = write('config.yaml', { resources: { pods: {} } })
  const ports = ['--host=127.0.0.1', '--port=0', '--telemetry-host=127.0.0.1', '--telemetry-port=0']
  const main = join(import.meta.dirname, '../../src/main.ts')
  const program = spawn(process.execPath, [main, `--kubeconfig=${kubeconfig}`, `--config=${config}`, ...ports])
  onTestFinished(() => void program.kill('SIGKILL'))
  const lines = createInterface(program.stderr)[Symbol.asyncIterator]()
  const untilLine = async (text: string) => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`ended before "${text}"`)
      if (value.includes(text)) return value
    }
  }
  await untilLine('reading the cluster')
  write('config.yaml', { resources: { pods: {}, nodes: {} } })
  program.kill('SIGHUP')
  expect(JSON.parse(await untilLine('configuration reloaded'))).toMatchObject({ changed: ['resources'] })
  program.kill('SIGTERM')
  expect((await once(program, 'exit'))[0]).toBe(0)
})
