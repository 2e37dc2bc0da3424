/** The status page of the running program: its values, the series of an object, and who may see it. */
import { afterEach, expect, test } from 'vitest'
import { builtInKinds } from '../../simulator/api/built-in-kinds.ts'
import { endWorld, startProgram, startWorld, until } from './world.ts'

afterEach(endWorld)

async function start() {
  const world = await startWorld(builtInKinds.filter(({ plural }) => plural === 'pods' || plural === 'nodes'))
  const { objects } = world.api
  objects.create('pods', { metadata: { name: 'web-0', namespace: 'shop' }, spec: { nodeName: 'n' }, status: {} })
  objects.create('nodes', { metadata: { name: 'n' }, status: {} })
  const endpoint = `http://${world.receiver.grpcAddress}`
  const otlp = { endpoint, instance_id: 'test', headers: 'authorization=very-secret' }
  const program = await startProgram(world, { resources: ['pods', 'nodes'], otlp }, { listen: true })
  const { host, port } = program.addresses?.telemetryAddress ?? { host: '', port: 0 }
  const page = async (query = '') => {
    const response = await fetch(`http://${host}:${port}/${query}`)
    return { response, body: await response.text() }
  }
  return { ...world, page }
}

test('shows resources, the push and the configuration; secrets are hidden', async () => {
  const { page, receiver } = await start()
  await until(() => receiver.liveSet.size > 5)
  const { response, body } = await page()
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(body).toMatch(/<th scope="row">pods<\/th><td>synced<\/td>\s*<td>1<\/td>/)
  expect(body).toMatch(/✓ accepted/)
  expect(body).toContain('otlp.headers')
  expect(body).not.toContain('very-secret')
  expect(body).toContain('http-equiv="refresh"')
  expect((await page('?refresh=0')).body).not.toContain('http-equiv="refresh"')
})

test('shows the series of one object, as /metrics has them', async () => {
  const { page } = await start()
  const { body } = await page('?resource=pods&namespace=shop&name=web-0')
  expect(body).toMatch(
    /<pre[^>]*># HELP kube_pod_[a-z_]+ .*kube_pod_info\{namespace=&quot;shop&quot;,pod=&quot;web-0&quot;/s,
  )
  expect(body).not.toContain('kube_node_info{')
  expect((await page('?resource=nodes&namespace=&name=n')).body).toContain('kube_node_info{node=&quot;n&quot;')
  expect((await page('?resource=pods&namespace=shop&name=web-1')).body).toContain('There is no object pods shop/web-1')
  expect((await page('?resource=nothing&name=n')).response.status).toBe(200)
})
