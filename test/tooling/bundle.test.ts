/** What the bundle loads: the simulator and the demo are in it, and only the command `demo` loads them. */
import { beforeAll, describe, expect, test } from 'vitest'
import { bundle, toAscii } from '../../scripts/bundle.js'

type Outputs = Awaited<ReturnType<typeof bundle>>['outputs']

const demo = 'demo/run-demo.ts'
const isOfDemo = (input: string) => /^(demo|simulator)\//.test(input)
let outputs: Outputs

beforeAll(async () => {
  outputs = (await bundle({ write: false })).outputs
}, 60_000)

const chunkOf = (entryPoint: string) => {
  const [path] = Object.entries(outputs).find(([, output]) => output.entryPoint === entryPoint) ?? []
  return path as string
}

/** The sources that are loaded with an entry point: by imports of the kinds that count, into any chunk but `without`. */
function loaded(entryPoint: string, kinds: readonly string[], without?: string): string[] {
  const chunks = new Set([chunkOf(entryPoint)])
  for (const chunk of chunks) {
    for (const { path, kind } of outputs[chunk]?.imports ?? [])
      if (kinds.includes(kind) && path in outputs && path !== without) chunks.add(path)
  }
  return [...chunks].flatMap((chunk) => Object.keys(outputs[chunk]?.inputs ?? {}))
}

const atStart = ['import-statement']
const atAnyTime = [...atStart, 'dynamic-import']

describe('the bundle', () => {
  test('is ASCII, of which V8 keeps one byte a character', () => {
    expect(toAscii('/[µμ]s/.test("5 😀µs")')).toBe('/[\\u00b5\\u03bc]s/.test("5 \\ud83d\\ude00\\u00b5s")')
    expect(toAscii('const a = "\\n";\n\t// DEL \x7f')).toBe('const a = "\\n";\n\t// DEL \x7f')
  })

  test('has the demo, in a chunk of its own that loads the simulator', () => {
    expect(loaded('src/main.ts', atAnyTime)).toContain(demo)
    expect(loaded(demo, atStart)).toContain('simulator/api/api-server.ts')
  })

  test('loads almost nothing before the process starts again', () => {
    const inputs = loaded('src/main.ts', atStart)
    expect(inputs.toSorted()).toEqual(['package.json', 'src/cli/memory-allocation.ts', 'src/main.ts'])
  })

  test('loads nothing of it at the start, as for --version', () => {
    const inputs = loaded('src/cli/commands.ts', atStart)
    expect(inputs).toContain('src/cli/run-command.ts')
    expect(inputs.filter(isOfDemo)).toEqual([])
  })

  test('loads nothing of it later, except for the command demo', () => {
    const inputs = loaded('src/main.ts', atAnyTime, chunkOf(demo))
    expect(inputs).toContain('src/telemetry/sdk-provider.ts')
    expect(inputs.filter(isOfDemo)).toEqual([])
    const importers = Object.values(outputs).filter(({ imports }) => imports.some(({ path }) => path === chunkOf(demo)))
    expect(importers.flatMap((output) => Object.keys(output.inputs))).toContain('src/cli/demo-command.ts')
    expect(importers).toHaveLength(1)
  })

  test('of the library never loads any of it', () => {
    const inputs = loaded('src/index.ts', atAnyTime)
    expect(inputs).toContain('src/runtime/embed.ts')
    expect(inputs.filter(isOfDemo)).toEqual([])
  })

  test('loads CEL only for rules that have expressions', () => {
    const isCel = (input: string) => /@marcbachmann\/cel-js\/|\/cel\.ts$/.test(input)
    for (const entryPoint of ['src/cli/commands.ts', 'src/index.ts']) {
      expect(loaded(entryPoint, atStart).filter(isCel)).toEqual([])
      expect(loaded(entryPoint, atAnyTime).filter(isCel).length).toBeGreaterThan(5)
    }
  })

  test('has none of the packages that only functions load which are not called', () => {
    const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs))
    expect(inputs.filter((path) => /node_modules\/fastify\//.test(path)).length).toBeGreaterThan(10)
    expect(
      inputs.filter((path) =>
        /node_modules\/(ajv\/|fast-json-stringify\/index|light-my-request|@grpc\/proto-loader)/.test(path),
      ),
    ).toEqual([])
  })

  test('does not import node:http as an ES module, which would load undici', () => {
    const imports = Object.values(outputs).flatMap((output) => output.imports)
    const kinds = imports.filter(({ path }) => /^(node:)?http$/.test(path)).map(({ kind }) => kind)
    expect(new Set(kinds)).toEqual(new Set(['require-call']))
  })

  test('has neither the models of the Kubernetes client nor undici: kubeconfig files need neither', () => {
    const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs))
    const kept = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path)
    expect(kept.filter((path) => path.includes('@kubernetes/client-node/dist/config.js'))).toHaveLength(1)
    expect(kept.filter((path) => /client-node\/dist\/gen\/(apis|models)\/|node_modules\/undici\//.test(path))).toEqual(
      [],
    )
  })
})
