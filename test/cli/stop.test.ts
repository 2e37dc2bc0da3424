/** A process that gets a stop signal ends, even if requests hang. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'

/** Says nothing for as long as who started it lives. */
const hangingPlugin = {
  command: 'sh',
  args: ['-c', 'while kill -0 $PPID; do sleep 0.1; done'],
  interactiveMode: 'Never',
}

test('stops on a signal while a credential plugin hangs', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-stop-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', ...hangingPlugin }
  const config = {
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { exec } }],
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
  const ports = ['--host=127.0.0.1', '--port=0', '--telemetry-host=127.0.0.1', '--telemetry-port=0']
  const main = join(import.meta.dirname, '../../src/main.ts')
  const program = spawn(process.execPath, [main, `--kubeconfig=${kubeconfig}`, '--resources=pods', ...ports])
  onTestFinished(() => void program.kill('SIGKILL'))
  for await (const line of createInterface(program.stderr)) if (line.includes('reading the cluster')) break
  program.kill('SIGTERM')
  expect((await once(program, 'exit'))[0]).toBe(0)
})
