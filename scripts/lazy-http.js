const name = 'lazy-http'

/**
 * Loads node:http by `require`. To import it as an ES module reads every export, also the WebSocket of undici, which brings
 * undici with it: 5 MB of memory in every process.
 *
 * @type {import('esbuild').Plugin}
 */
export const lazyHttp = {
  name,
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ path, kind }) => {
      return kind === 'import-statement' ? { path, namespace: name } : null
    })
    onLoad({ filter: /./, namespace: name }, () => ({ contents: "module.exports = require('node:http')" }))
  },
}
