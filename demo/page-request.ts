import type { IncomingMessage, RequestOptions } from 'node:http'
import { get } from 'node:http'

/** Requests a page and resolves with its beginning. Uses the client that is loaded: that of `fetch` takes some MB more. */
export function requestPage(url: string, options: Pick<RequestOptions, 'signal'> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { ...options, agent: false }, resolve).on('error', reject)
  })
}
