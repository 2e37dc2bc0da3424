/**
 * The status page in Chromium, on a phone and on a desk, light and dark: while the lists are incomplete, in health, and with
 * the receiver gone. With STATUS_SCREENSHOTS=docs/images the pictures of the documentation are made anew.
 */

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Page } from './browser.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { populate } from './churn.ts'
import { createKubeClient } from './kube-client.ts'
import type { Peer } from './peers.ts'
import { freePort, startPeer, startPrometheus, waitFor, waitForUrl } from './peers.ts'
import { useRealCluster } from './real-cluster.ts'

const program = findBrowser()
if (program === undefined) console.warn('skipped: no Chromium on the path; set CHROMIUM to the program')

const size = { namespaces: 2, deploymentsPerNamespace: 4, replicas: 5, nodes: 3 }
const facts = inject('cluster')
const cluster = useRealCluster(facts)
const client = createKubeClient(facts)
const folder = mkdtempSync(join(tmpdir(), 'kube-state-otlp-status-'))
const pictures = process.env.STATUS_SCREENSHOTS ?? folder

describe.skipIf(program === undefined)('the status page', () => {
  let browser: Page
  let product: Peer
  let receiver: Peer
  let url: string

  beforeAll(async () => {
    await populate(client, size)
    browser = await startBrowser(program as string)
    const [otlp, telemetry] = [await freePort(), await freePort()]
    receiver = startPrometheus(facts.programs, folder, otlp)
    await waitForUrl(`http://127.0.0.1:${otlp}/-/ready`)
    await cluster.killApiServer()
    url = `http://127.0.0.1:${telemetry}`
    const flags = [
      ...[`--kubeconfig=${facts.kubeconfig}`, '--host=127.0.0.1', '--port=0', '--telemetry-host=127.0.0.1'],
      ...[
        `--telemetry-port=${telemetry}`,
        `--otlp-endpoint=http://127.0.0.1:${otlp}/api/v1/otlp`,
        '--otlp-protocol=http/protobuf',
      ],
    ]
    product = startPeer('product', [process.execPath, 'bin/kube-state-otlp.js', ...flags], folder)
    await waitForUrl(`${url}/livez`)
  })

  afterAll(async () => {
    await product?.stop()
    await receiver?.stop('SIGKILL')
    await browser?.close()
    client.close()
  })

  /** Opens the page in each width and scheme; it is readable in all of them. */
  async function look(name: string, contains: string): Promise<void> {
    for (const width of [375, 1440]) {
      for (const scheme of ['light', 'dark'] as const) {
        await browser.open(`${url}/?refresh=0`, width, scheme)
        expect(await browser.evaluate<string>('document.body.innerText')).toContain(contains)
        const occupied = await browser.evaluate<number>('document.documentElement.scrollWidth')
        expect(occupied, name).toBeLessThanOrEqual(width)
        const picture = await browser.screenshot(width === 375 ? 1600 : 1200)
        if (scheme === 'light') writeFileSync(join(pictures, `status-${name}-${width}.png`), picture)
      }
    }
  }

  it('shows which lists are incomplete while the API server is away', async () => {
    await look('sync', 'not ready')
  })

  it('shows resources and an accepted push in health', async () => {
    await cluster.startApiServer()
    const isReady = async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined)
    await waitFor('readiness', isReady, 180_000)
    const isPushed = async () =>
      (await (await fetch(url)).text()).includes('Last success</dt><dd>none') ? undefined : true
    await waitFor('a push', isPushed, 60_000)
    await look('health', '✓ accepted')
  })

  it('shows the series of an object that is looked up in its form', async () => {
    await browser.open(url, 1440, 'light')
    await browser.evaluate(
      `document.querySelector('select').value = 'nodes', document.querySelector('input[name=name]').value = 'node-0'`,
    )
    await browser.evaluate(`document.querySelector('form').requestSubmit()`)
    const shown = async () => {
      const text = await browser.evaluate<string>('document.querySelector("pre")?.innerText ?? ""')
      return text.includes('kube_node_info{node="node-0"') ? text : undefined
    }
    await waitFor('the series of node-0', shown, 20_000)
  })

  it('shows a receiver that is gone', async () => {
    await receiver.stop('SIGKILL')
    const isFailing = async () => ((await (await fetch(url)).text()).includes('✗ failing') ? true : undefined)
    await waitFor('a failing push', isFailing, 120_000)
    await look('receiver-down', '✗ failing')
  })
})
