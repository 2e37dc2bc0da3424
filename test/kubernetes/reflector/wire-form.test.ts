import { describe, expect, it } from 'vitest'
import { encodeProtobuf } from '../../../simulator/protobuf-encode.ts'
import { encodeEnvelope, encodeListMessage, encodeWatchFrame } from '../../../simulator/protobuf-envelope.ts'
import { ConfigMap } from '../../../src/schemas/config-map.ts'
import { Pod } from '../../../src/schemas/pod.ts'
import { Secret } from '../../../src/schemas/secret.ts'
import { pod } from '../scripted-api-server.ts'
import { pods, runReflector } from './running-reflector.ts'

const protobufType = 'application/vnd.kubernetes.protobuf'

describe('whole objects', () => {
  it('come as protobuf when that is wanted', async () => {
    const { server, called, objects } = await runReflector({ options: { protobuf: true, watchList: false } })
    const list = await server.next()
    expect(list.headers.accept).toBe('application/vnd.kubernetes.protobuf,application/json')
    const message = encodeListMessage({ resourceVersion: '9' }, [encodeProtobuf(Pod, pod('a', '3'))])
    list.answer(protobufType, encodeEnvelope('v1', 'PodList', message))
    const watch = await server.next()
    expect(watch.query).toMatchObject({ resourceVersion: '9' })
    const envelope = encodeEnvelope('v1', 'Pod', encodeProtobuf(Pod, pod('b', '12', { spec: { nodeName: 'n' } })))
    watch.stream(`${protobufType};stream=watch`).raw(encodeWatchFrame('ADDED', envelope))
    await called('began', '+a', 'ended', '+b')
    expect(objects[1]).toMatchObject({ metadata: { uid: 'uid-b' }, spec: { nodeName: 'n' } })
  })

  it('are JSON from a server that supports nothing else', async () => {
    const { server, called } = await runReflector({ options: { protobuf: true } })
    ;(await server.next()).stream().event('ADDED', pod('a', '3')).listEnd('9')
    await called('began', '+a', 'ended')
  })

  it('are rejected with the message of a protobuf Status too', async () => {
    const { server, wait, lines } = await runReflector({ options: { protobuf: true, watchList: false } })
    const { Status } = await import('../../../src/kubernetes/decode/stream-forms.ts')
    const status = encodeProtobuf(Status, { message: 'storage is initializing', code: 503 })
    const request = await server.next()
    request.refuseAs(503, protobufType, encodeEnvelope('v1', 'Status', status))
    await wait()
    expect(lines[0]).toMatchObject({ reason: 'storage is initializing' })
  })
})

describe('metadata', () => {
  const configmaps = { ...pods, plural: 'configmaps', kind: 'ConfigMap', form: 'metadata' as const, schema: ConfigMap }

  it('is asked for without the rest', async () => {
    const { server, called } = await runReflector({ target: configmaps, options: { watchList: false } })
    const list = await server.next()
    expect(list.headers.accept).toBe('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')
    const metadata = { resourceVersion: '9' }
    list.answer(
      'application/json',
      JSON.stringify({ kind: 'PartialObjectMetadataList', metadata, items: [pod('a', '3')] }),
    )
    const watch = await server.next()
    expect(watch.headers.accept).toBe('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io')
    watch.stream().event('ADDED', pod('b', '12'))
    await called('began', '+a', 'ended', '+b')
  })

  it('comes as protobuf when that is wanted', async () => {
    const { server } = await runReflector({ target: configmaps, options: { protobuf: true } })
    expect((await server.next()).headers.accept).toBe(
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,' +
        'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    )
  })
})

describe('rows of a table', () => {
  const secrets = { ...pods, plural: 'secrets', kind: 'Secret', form: 'table' as const, schema: Secret }
  const columnDefinitions = ['Name', 'Type', 'Data', 'Age'].map((name) => ({ name }))
  const table = (rows: unknown[], more: object = {}) => ({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', rows, ...more })
  const row = (name: string, type: string) => ({ cells: [name, type, 2, '3d'], object: pod(name, '12') })

  it('are secrets without their data, in lists and in events, of which only the first names the columns', async () => {
    const { server, called, objects } = await runReflector({
      target: secrets,
      options: { protobuf: true, watchList: false },
    })
    const list = await server.next()
    expect(list.headers.accept).toBe('application/json;as=Table;v=v1;g=meta.k8s.io')
    const body = table([row('a', 'Opaque')], { metadata: { resourceVersion: '9' }, columnDefinitions })
    list.answer('application/json', JSON.stringify(body))
    const watch = await server.next()
    expect(watch.query).toMatchObject({ resourceVersion: '9' })
    watch
      .stream()
      .event('ADDED', table([row('b', 'kubernetes.io/tls')], { columnDefinitions }))
      .event('DELETED', table([row('a', 'Opaque')], { columnDefinitions: null }))
    await called('began', '+a', 'ended', '+b', '-a')
    expect(objects).toMatchObject([
      { metadata: { name: 'a' }, type: 'Opaque' },
      { metadata: { name: 'b' }, type: 'kubernetes.io/tls' },
    ])
  })

  it('complete a streaming list with a bookmark in a row', async () => {
    const { server, called, counts } = await runReflector({ target: secrets })
    const annotations = { 'k8s.io/initial-events-end': 'true' }
    ;(await server.next())
      .stream()
      .event('ADDED', table([row('a', 'Opaque')], { columnDefinitions }))
      .event(
        'BOOKMARK',
        table([{ cells: ['', '', null, ''], object: { metadata: { resourceVersion: '20', annotations } } }]),
      )
      .end()
    await called('began', '+a', 'ended')
    expect(counts).not.toContain('unreadable:secrets')
  })

  it('with other columns are skipped, not misread', async () => {
    const { server, called, counts } = await runReflector({ target: secrets })
    ;(await server.next())
      .stream()
      .event('ADDED', table([{ cells: ['a', 3, 'Opaque'], object: pod('a', '12') }]))
      .event('ADDED', table([row('b', 'Opaque')]))
    await called('began', '+b')
    expect(counts).toContain('unreadable:secrets')
  })
})

describe('annotations', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'a' }
  const annotated = { metadata: { name: 'a', annotations } }

  it.each([
    [false, ['team']],
    [true, Object.keys(annotations)],
  ])("hold kubectl's copy of the object only if wanted (%s)", async (keepLastApplied, keys) => {
    const { server, called, objects } = await runReflector({ options: { keepLastApplied } })
    ;(await server.next()).stream().event('ADDED', annotated)
    await called('began', '+a')
    expect([...(objects[0]?.metadata.annotations.keys() ?? [])]).toEqual(keys)
  })
})
