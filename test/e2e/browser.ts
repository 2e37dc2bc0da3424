/** A headless Chromium, driven by its DevTools protocol. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** The program of the browser: `CHROMIUM`, or what is on the path; undefined if there is none. */
export function findBrowser(): string | undefined {
  const candidates = process.env.CHROMIUM ? [process.env.CHROMIUM] : names
  return candidates.find((name) => spawnSync(name, ['--version']).status === 0)
}

export interface Page {
  /** Loads the page in a window of the width, light or dark. */
  open(url: string, width: number, scheme: 'light' | 'dark'): Promise<void>
  /** The value of an expression on the page. */
  evaluate<T>(expression: string): Promise<T>
  /** A PNG of the whole page, or of the first `height` pixels. */
  screenshot(height?: number): Promise<Buffer>
  close(): Promise<void>
}

type Call = (method: string, params?: object) => Promise<Record<string, never>>

/** Starts the browser with one page. */
export async function startBrowser(program: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'kube-state-otlp-browser-'))
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--remote-debugging-port=0']
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const endpoint = new URL(await readEndpoint(child.stderr))
  const targets = (await (await fetch(`http://${endpoint.host}/json`)).json()) as {
    type: string
    webSocketDebuggerUrl: string
  }[]
  const target = targets.find(({ type }) => type === 'page')
  if (target === undefined) throw new Error('the browser has no page')
  const { call, loaded, disconnect } = await connect(target.webSocketDebuggerUrl)
  await call('Page.enable')
  return {
    async open(url, width, scheme) {
      const view = { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 }
      await call('Emulation.setDeviceMetricsOverride', view)
      await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
      const done = loaded()
      await call('Page.navigate', { url })
      await done
    },
    async evaluate<T>(expression: string): Promise<T> {
      const { result } = (await call('Runtime.evaluate', { expression, returnByValue: true })) as unknown as {
        result: { value: T }
      }
      return result.value
    },
    async screenshot(height) {
      const { cssContentSize } = (await call('Page.getLayoutMetrics')) as unknown as {
        cssContentSize: { width: number; height: number }
      }
      const clip = {
        x: 0,
        y: 0,
        width: cssContentSize.width,
        height: Math.min(height ?? Number.POSITIVE_INFINITY, cssContentSize.height),
        scale: 1,
      }
      const { data } = await call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true, clip })
      return Buffer.from(data as unknown as string, 'base64')
    },
    async close() {
      disconnect()
      const closed = once(child, 'close')
      child.kill()
      await closed
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** The browser prints where it listens. */
async function readEndpoint(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const found = /DevTools listening on (\S+)/.exec(line)?.[1]
    if (found !== undefined) {
      stderr.resume()
      return found
    }
  }
  throw new Error('the browser ended before it listened')
}

async function connect(url: string) {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  const waiting = new Map<number, PromiseWithResolvers<Record<string, never>>>()
  let onLoad = () => {}
  let last = 0
  socket.onmessage = ({ data }) => {
    const { id, method, result, error } = JSON.parse(String(data))
    if (method === 'Page.loadEventFired') onLoad()
    if (error) waiting.get(id)?.reject(new Error(error.message))
    else waiting.get(id)?.resolve(result)
    waiting.delete(id)
  }
  const call: Call = (method, params = {}) => {
    const answer = Promise.withResolvers<Record<string, never>>()
    waiting.set(++last, answer)
    socket.send(JSON.stringify({ id: last, method, params }))
    return answer.promise
  }
  const loaded = () =>
    new Promise<void>((resolve) => {
      onLoad = resolve
    })
  return { call, loaded, disconnect: () => socket.close() }
}
