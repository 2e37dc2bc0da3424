/** The generated files of deploy/: RBAC objects and lists of resources from the declarations, the sidecar's ConfigMap. */
import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import type { Config, SelectionConfig } from '../src/config/config.ts'
import { loadConfig } from '../src/config/load.ts'
import { resources } from '../src/families/built-in-resources.ts'
import type { AnyResource } from '../src/families/family.ts'
import { coordinationRights } from '../src/inspect/coordination-rights.ts'
import type { RbacObject } from '../src/inspect/rbac.ts'
import { clusterIdentityRule, createRbac, groupOf } from '../src/inspect/rbac.ts'
import { renderChartSchema } from './chart-schema.ts'

/** The name and the namespace of all objects in deploy/kustomize. */
const name = 'kube-state-otlp'
/** The ServiceAccount and roles of the DaemonSet of `per-node`. */
const nodeName = `${name}-node`
const byDefault = resources.filter(({ enabledByDefault }) => enabledByDefault)
const isSecret = ({ plural }: AnyResource) => plural === 'secrets'

/** Functions that return the content of a file, by its path in the project. */
export const deployFiles: Readonly<Record<string, () => string>> = {
  'deploy/kustomize/base/rbac.yaml': () => renderRbac(selectionOf([])),
  'deploy/kustomize/components/per-node/rbac.yaml': () =>
    renderRbac(selectionOf(['--resources=pods', '--node=any']), nodeName),
  'deploy/kustomize/components/without-secrets/selection.yaml': () => renderSelection(withoutSecrets),
  'deploy/kustomize/components/namespaced/selection.yaml': () => renderSelection(ofOneNamespace),
  'deploy/kustomize/components/namespaced/rbac.yaml': () =>
    renderRbac(selectionOf([`--resources=${pluralsOf(ofOneNamespace)}`, `--namespaces=${name}`])),
  'deploy/kustomize/base/leases.yaml': () => renderCoordination(['--leader-election']),
  'deploy/kustomize/components/sharded/rbac.yaml': () => renderCoordination([`--pod=${name}-0`]),
  'deploy/kustomize/components/sidecar-collector/config-map.yaml': renderSidecarConfigMap,
  'deploy/helm/kube-state-otlp/values.schema.json': renderChartSchema,
  'deploy/helm/kube-state-otlp/files/resources.yaml': renderChartResources,
  'deploy/helm/kube-state-otlp/files/sidecar.yaml': () => generated(sidecarPath) + readProject(sidecarPath),
}

const withoutSecrets = byDefault.filter((resource) => !isSecret(resource))
const ofOneNamespace = withoutSecrets.filter(({ namespaced }) => namespaced)

const selectionOf = (argv: readonly string[]) => configOf(argv).selection

function configOf(argv: readonly string[]): Config {
  const readFile = () => ''
  const loaded = loadConfig({ argv, env: {}, readFile })
  if (!loaded.ok) throw new Error(`the selection ${argv.join(' ')} is refused: ${JSON.stringify(loaded.problems)}`)
  return loaded.config
}

const generated = (from: string) => `# Generated from ${from} by npm run docs; do not edit.\n`

/** The roles and the ServiceAccount that they are bound to have the same name. */
function renderRbac(selection: SelectionConfig, account: string = name): string {
  const readsClusterId = selection.namespaces.length === 0
  const objects = createRbac({
    selection,
    name: account,
    account: { name: account, namespace: name },
    readsClusterId,
  })
  return generated('the declarations of the resources') + objects.map(renderObject).join('---\n')
}

/** The rights on Leases and on the StatefulSet alone, for whoever has the others already. */
function renderCoordination(argv: readonly string[]): string {
  const config = configOf(argv)
  const account = { name, namespace: name }
  const rights = coordinationRights(config, name)
  const objects = createRbac({ selection: config.selection, name, account, readsClusterId: false, ...rights })
  const own = objects.filter(({ metadata }) => metadata.namespace === name)
  return generated('the keys of leader election and of shards') + own.map(renderObject).join('---\n')
}

const renderObject = (object: RbacObject) => stringify(object, { aliasDuplicateObjects: false })

const pluralsOf = (selected: readonly AnyResource[]) => selected.map(({ plural }) => plural).join(',')

function renderSelection(selected: readonly AnyResource[]): string {
  const env = [{ name: 'KUBE_STATE_OTLP_RESOURCES', value: pluralsOf(selected) }]
  const patch = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { template: { spec: { containers: [{ name, env }] } } },
  }
  return generated('the declarations of the resources') + stringify(patch, { lineWidth: 0 })
}

/** What the chart's templates derive rights and the default selection from. */
function renderChartResources(): string {
  const entries = resources.map((resource) => {
    const { plural, namespaced, enabledByDefault } = resource
    return [plural, { group: groupOf(resource), namespaced, default: enabledByDefault }] as const
  })
  const facts = { resources: Object.fromEntries(entries), clusterIdentity: [clusterIdentityRule] }
  return generated('the declarations of the resources') + stringify(facts)
}

const sidecarPath = 'otel-collector/sidecar.yaml'
const readProject = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

function renderSidecarConfigMap(): string {
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-collector`, namespace: name, labels: { 'app.kubernetes.io/name': name } },
    data: { 'config.yaml': readProject(sidecarPath) },
  }
  return generated(sidecarPath) + stringify(configMap, { lineWidth: 0 })
}
