const kubernetesClient = '@kubernetes/client-node'
const name = 'kube-config-alone'

/**
 * Of the Kubernetes client only the reading of kubeconfig files is used. Its 700 generated models and undici, which it fetches
 * with, would be kept for their side effects and cost 2 MB of code and 10 MB of memory in every process.
 *
 * @type {import('esbuild').Plugin}
 */
export const kubeConfigAlone = {
  name,
  setup({ onLoad, onResolve, resolve }) {
    const isResolving = {}
    onResolve({ filter: /./ }, async ({ path, pluginData, importer, kind, resolveDir }) => {
      const isOfClient = path === kubernetesClient || importer.includes(`node_modules/${kubernetesClient}/`)
      if (!isOfClient || pluginData === isResolving) return null
      if (path === 'undici') return { path, namespace: name }
      const resolved = await resolve(path, { importer, kind, resolveDir, pluginData: isResolving })
      const isInClient = resolved.path.includes(`node_modules/${kubernetesClient}/`)
      return isInClient ? { ...resolved, sideEffects: false } : resolved
    })
    onLoad({ filter: /./, namespace: name }, () => ({
      contents: 'export const { fetch } = globalThis; export class Agent {}; export class ProxyAgent {}',
    }))
  },
}
