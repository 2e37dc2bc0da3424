/** Packages that our packages load only for functions that this program does not call. */
const unused = [
  // Fastify compiles JSON schemas with them when no other compilers are given (src/server/http-server.ts).
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  // Fastify's `inject`, for tests.
  'light-my-request',
  // gRPC's channelz and ORCA services.
  '@grpc/proto-loader',
]
const name = 'unused-packages'

/**
 * Leaves them out: 700 KB, a third of the program's code, which V8 would keep in memory. To load one of them is an error.
 *
 * @type {import('esbuild').Plugin}
 */
export const unusedPackages = {
  name,
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /./ }, ({ path, kind }) => {
      return kind === 'require-call' && unused.includes(path) ? { path, namespace: name } : null
    })
    onLoad({ filter: /./, namespace: name }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of the bundle (scripts/unused-packages.js)`)})`,
    }))
  },
}
