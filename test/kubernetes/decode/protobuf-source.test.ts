/** The generated decoder of one small schema, as an example for readers of protobuf-source.ts. */
import { expect, it } from 'vitest'
import { protobufDecoderSource } from '../../../src/kubernetes/decode/protobuf-source.ts'
import { embedded, exactInt, int, list, map, message, schema, string } from '../../../src/schemas/schema.ts'

const Probe = schema({ periodSeconds: int(4) })
const Example = schema({
  name: string(1),
  labels: map(string(11)),
  ports: list(int(20)),
  probe: message(21, Probe),
  ...embedded(22, { size: exactInt(1) }),
})

it('is a loop over the tags of each message, with a case per field', () => {
  const { text, constants } = protobufDecoderSource(Example)
  expect(text).toMatchSnapshot()
  expect(constants.filter((value) => !(value instanceof Uint8Array))).toEqual([{ periodSeconds: 0 }])
})
