/** The page of the metrics server: formats, selection of resources, compression, errors. */
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ask } from './fixture.ts'
import { start, waitFor, words } from './scraped-pages.ts'

test('writes the slices in order, with the content type of the page', async () => {
  const { url, pages, scrapes } = await start(() => words('a 1\n', 'b 2\n', 'c 3\n'))
  const { status, headers, body } = await ask(url('/metrics'))
  expect({ status, body: body.toString() }).toEqual({ status: 200, body: 'a 1\nb 2\nc 3\n' })
  expect(headers).toMatchObject({ 'content-type': 'test/text', 'transfer-encoding': 'chunked', vary: 'Accept' })
  await waitFor(() => expect(scrapes).toMatchObject([{ outcome: 'complete', bytes: 12 }]))
  expect(pages).toMatchObject([{ taken: 3, ended: 1 }])
})

test('uses the negotiated format', async () => {
  const { url, pages } = await start(() => [])
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'
  const { headers } = await ask(url('/metrics'), { headers: { accept } })
  expect(headers['content-type']).toBe('test/openmetrics')
  expect(pages[0]?.asked).toEqual({ format: 'openmetrics' })
})

test('HEAD returns the headers of GET and reads no slice', async () => {
  const { url, pages } = await start(() => words('a 1\n'))
  const { status, headers, body } = await ask(url('/metrics'), { method: 'HEAD' })
  expect({ status, length: body.length, type: headers['content-type'] }).toEqual({
    status: 200,
    length: 0,
    type: 'test/text',
  })
  await waitFor(() => expect(pages).toMatchObject([{ taken: 0 }]))
})

test.each([
  ['?resources=pods,nodes', { resources: new Set(['pods', 'nodes']) }],
  ['?resources=pods&resources=%20nodes,', { resources: new Set(['pods', 'nodes', '']) }],
  ['?exclude_resources=pods', { excludeResources: new Set(['pods']) }],
  ['?resources=pods&exclude_resources=nodes', { resources: new Set(['pods']), excludeResources: new Set(['nodes']) }],
  ['?resources=nonexistent', { resources: new Set(['nonexistent']) }],
  ['?exclude_resources=nonexistent', { excludeResources: new Set(['nonexistent']) }],
  ['?resources=', { resources: new Set(['']) }],
  ['?resources=,', { resources: new Set(['']) }],
  ['?exclude_resources=', { excludeResources: new Set(['']) }],
])('%s selects the resources of the page; unknown names are no error', async (query, expected) => {
  const { url, pages } = await start(() => [])
  expect((await ask(url(`/metrics${query}`))).status).toBe(200)
  expect(pages[0]?.asked).toEqual({ format: 'text', ...expected })
})

test('gzip is used only when enabled and accepted', async () => {
  const enabled = await start(() => words('a 1\n', 'b 2\n'), { gzip: true })
  const headers = { 'accept-encoding': 'gzip' }
  const packed = await ask(enabled.url('/metrics'), { headers })
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept, Accept-Encoding' })
  expect(gunzipSync(packed.body).toString()).toBe('a 1\nb 2\n')
  const plain = await ask(enabled.url('/metrics'))
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(plain.body.toString()).toBe('a 1\nb 2\n')
  const disabled = await start(() => words('a 1\n'))
  expect((await ask(disabled.url('/metrics'), { headers })).headers['content-encoding']).toBeUndefined()
  await waitFor(() => expect(enabled.pages).toMatchObject([{ ended: 1 }, { ended: 1 }]))
})

test('a connection is reused', async () => {
  const { url } = await start(() => words('a 1\n'))
  for (let i = 0; i < 3; i++) expect(await (await fetch(url('/metrics'))).text()).toBe('a 1\n')
})

test('a page that cannot be opened is answered with 500', async () => {
  const openPage = () => {
    throw new Error('not yet')
  }
  const { url, scrapes } = await start(() => [], { openPage })
  const { status, body } = await ask(url('/metrics'))
  expect(status).toBe(500)
  expect(body.toString()).not.toContain('not yet')
  expect(scrapes).toMatchObject([{ outcome: 'failed', bytes: 0 }])
})
