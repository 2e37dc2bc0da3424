/** Requests of the tests to the real API server: JSON in, JSON out, over keep-alive connections. */

import { Agent, request } from 'node:https'

export interface KubeResponse {
  readonly status: number
  readonly body: unknown
}

export interface KubeClient {
  get(path: string): Promise<KubeResponse>
  create(path: string, object: object): Promise<KubeResponse>
  replace(path: string, object: object): Promise<KubeResponse>
  /** A JSON merge patch. */
  patch(path: string, patch: object): Promise<KubeResponse>
  delete(path: string, options?: object): Promise<KubeResponse>
  close(): void
}

const timeoutMs = 60_000

export function createKubeClient(server: {
  readonly apiUrl: string
  readonly ca: string
  readonly token: string
}): KubeClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 16, ca: server.ca })
  const send = (method: string, path: string, body?: object, type = 'application/json') =>
    new Promise<KubeResponse>((resolve, reject) => {
      const content = body === undefined ? '' : JSON.stringify(body)
      const headers = {
        authorization: `Bearer ${server.token}`,
        accept: 'application/json',
        'content-type': type,
        // Node.js does not add it to DELETE; the body would then be read as the next request of the connection.
        'content-length': Buffer.byteLength(content),
      }
      const sent = request(`${server.apiUrl}${path}`, { method, headers, agent, timeout: timeoutMs }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : text })
        })
      })
      sent.on('error', reject)
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no response for ${timeoutMs / 1000} s`)))
      sent.end(content)
    })
  return {
    get: (path) => send('GET', path),
    create: (path, object) => send('POST', path, object),
    replace: (path, object) => send('PUT', path, object),
    patch: (path, patch) => send('PATCH', path, patch, 'application/merge-patch+json'),
    delete: (path, options) => send('DELETE', path, options),
    close: () => agent.destroy(),
  }
}
