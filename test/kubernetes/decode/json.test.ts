import { expect, test } from 'vitest'
import { DecodeError } from '../../../src/kubernetes/decode/decode-error.ts'
import { compileJsonDecoder } from '../../../src/kubernetes/decode/json.ts'
import { ObjectMeta } from '../../../src/schemas/object-meta.ts'
import {
  bool,
  byteLength,
  exactInt,
  int,
  intOrString,
  list,
  map,
  message,
  microTime,
  pointer,
  quantity,
  schema,
  string,
  time,
} from '../../../src/schemas/schema.ts'

const Port = schema({ name: string(1), containerPort: int(3) })
const Container = schema({ name: string(1), ports: list(message(6, Port)), requests: map(quantity(8)) })
const Everything = schema({
  metadata: message(1, ObjectMeta),
  containers: list(message(2, Container)),
  first: pointer(message(3, Container)),
  replicas: pointer(int(4)),
  paused: pointer(bool(5)),
  exact: exactInt(7),
  start: time(8),
  renew: microTime(9),
  port: intOrString(10),
  data: map(byteLength(11)),
  names: list(string(12)),
})

const decode = compileJsonDecoder(Everything)

const zero = {
  metadata: {
    name: '',
    namespace: '',
    uid: '',
    resourceVersion: '',
    generation: 0,
    creationTimestamp: undefined,
    deletionTimestamp: undefined,
    labels: new Map(),
    annotations: new Map(),
    ownerReferences: [],
  },
  containers: [],
  first: undefined,
  replicas: undefined,
  paused: undefined,
  exact: 0n,
  start: undefined,
  renew: undefined,
  port: 0,
  data: new Map(),
  names: [],
}

test('what the wire leaves out has the zero value of Go', () => {
  expect(decode({})).toStrictEqual(zero)
})

test('null is absent, whatever the type', () => {
  expect(decode(Object.fromEntries(Object.keys(zero).map((key) => [key, null])))).toStrictEqual(zero)
})

test('a null element of a list or map is the zero value of its type', () => {
  const object = decode({ names: ['a', null], containers: [null], data: { key: null } })
  expect(object.names).toEqual(['a', ''])
  expect(object.containers).toEqual([{ name: '', ports: [], requests: new Map() }])
  expect(object.data).toEqual(new Map([['key', 0]]))
})

test('every type is read, unknown fields are skipped', () => {
  const object = decode({
    apiVersion: 'v1',
    metadata: {
      name: 'n',
      labels: { a: 'b', __proto__x: 'c' },
      creationTimestamp: '1970-01-01T00:00:00Z',
      managedFields: [{}],
    },
    containers: [
      {
        name: 'c',
        image: 'i',
        ports: [{ containerPort: 80 }],
        requests: { cpu: '100m', memory: 5, disk: 9007199254740993n },
      },
    ],
    first: {},
    replicas: 0,
    paused: false,
    exact: '9007199254740993',
    start: '2024-05-06T07:08:09Z',
    renew: '2024-05-06T07:08:09.123456Z',
    port: 'http',
    data: { one: 'YQ==', two: 'YWI=', three: 'YWJj', lines: 'YWJj\nYWJj\n', none: '' },
    names: ['x', 'y'],
  })
  expect(object.metadata.labels).toEqual(
    new Map([
      ['a', 'b'],
      ['__proto__x', 'c'],
    ]),
  )
  expect(object.metadata.creationTimestamp).toBe(0)
  expect(object.containers).toEqual([
    {
      name: 'c',
      ports: [{ name: '', containerPort: 80 }],
      requests: new Map([
        ['cpu', '100m'],
        ['memory', '5'],
        ['disk', '9007199254740993'],
      ]),
    },
  ])
  expect(object.first).toEqual({ name: '', ports: [], requests: new Map() })
  expect(object.replicas).toBe(0)
  expect(object.paused).toBe(false)
  expect(object.exact).toBe(9007199254740993n)
  expect(object.start).toBe(Date.UTC(2024, 4, 6, 7, 8, 9) / 1000)
  expect(object.renew).toBe(object.start)
  expect(object.port).toBe('http')
  expect([...object.data.values()]).toEqual([1, 2, 3, 6, 0])
  expect(object.names).toEqual(['x', 'y'])
})

test('a label named __proto__ is an entry like any other', () => {
  const object = decode(JSON.parse('{"metadata":{"labels":{"__proto__":"x"}}}'))
  expect(object.metadata.labels).toEqual(new Map([['__proto__', 'x']]))
})

test('integers of YAML read as bigint mean the same', () => {
  const object = decode({
    replicas: 3n,

    port: 8080n,
    exact: -5n,
    containers: [{ ports: [{ containerPort: 1n }] }],
  })
  expect([object.replicas, object.port, object.exact]).toEqual([3, 8080, -5n])
  expect(object.containers[0]?.ports[0]?.containerPort).toBe(1)
})

test('the zero time of Go is no time', () => {
  expect(decode({ start: '0001-01-01T00:00:00Z' }).start).toBeUndefined()
})

test.each([
  [{ containers: [{ name: 7 }] }, 'containers[0].name: expected a string, got a number'],
  [
    { containers: [{}, { ports: [{ containerPort: '80' }] }] },
    'containers[1].ports[0].containerPort: expected a number, got a string',
  ],
  [{ containers: {} }, 'containers: expected a list, got an object'],
  [{ first: [] }, 'first: expected an object, got a list'],
  [{ first: { name: {} } }, 'first.name: expected a string, got an object'],
  [{ replicas: 1.5 }, 'replicas: expected an integer, got "1.5"'],
  [{ paused: 'true' }, 'paused: expected a boolean, got a string'],
  [{ exact: '0x10' }, 'exact: expected an integer, got "0x10"'],
  [{ exact: true }, 'exact: expected a number, got a boolean'],
  [{ port: true }, 'port: expected an integer or a string, got a boolean'],
  [{ data: { key: 'abc' } }, 'data.key: expected base64 text, got a length it cannot have'],
  [{ start: 'yesterday' }, 'start: expected an RFC 3339 time, got "yesterday"'],
  [{ start: 5 }, 'start: expected an RFC 3339 time, got a number'],
  [
    { metadata: { labels: { 'app.kubernetes.io/name': 1 } } },
    'metadata.labels["app.kubernetes.io/name"]: expected a string, got a number',
  ],
  [{ metadata: { labels: [] } }, 'metadata.labels: expected an object, got a list'],
  [{ containers: [{ requests: { cpu: true } }] }, 'containers[0].requests.cpu: expected a quantity, got a boolean'],
  [{ names: ['a', 1] }, 'names[1]: expected a string, got a number'],
  [null, 'expected an object, got null'],
  ['text', 'expected an object, got a string'],
])('%j costs the object and is said with its path', (value, said) => {
  expect(() => decode(value)).toThrow(DecodeError)
  expect(() => decode(value)).toThrow(said)
})
