/** Renders what of deploy/ follows from the declarations: the rights, the lists of resources, the sidecar's configuration. */
import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import type { SelectionConfig } from '../src/config/config.ts'
import { loadConfig } from '../src/config/load.ts'
import { resources } from '../src/families/built-in-resources.ts'
import type { AnyResource } from '../src/families/family.ts'
import type { RbacObject } from '../src/inspect/rbac.ts'
import { createRbac } from '../src/inspect/rbac.ts'

/** What everything in deploy/kustomize is called, and the namespace that it is in. */
const name = 'kube-state-otlp'
const byDefault = resources.filter(({ enabledByDefault }) => enabledByDefault)
const isSecret = ({ plural }: AnyResource) => plural === 'secrets'

/** The files by their paths in the project. */
export const deployFiles: Readonly<Record<string, () => string>> = {
  'deploy/kustomize/base/rbac.yaml': () => renderRbac(selectionOf([])),
  'deploy/kustomize/components/without-secrets/selection.yaml': () => renderSelection(withoutSecrets),
  'deploy/kustomize/components/namespaced/selection.yaml': () => renderSelection(ofATenant),
  'deploy/kustomize/components/namespaced/rbac.yaml': () =>
    renderRbac(selectionOf([`--resources=${pluralsOf(ofATenant)}`, `--namespaces=${name}`])),
  'deploy/kustomize/components/sidecar-collector/config-map.yaml': renderSidecarConfigMap,
}

const withoutSecrets = byDefault.filter((resource) => !isSecret(resource))
const ofATenant = withoutSecrets.filter(({ namespaced }) => namespaced)

function selectionOf(argv: readonly string[]): SelectionConfig {
  const readFile = () => ''
  const loaded = loadConfig({ argv, env: {}, readFile })
  if (!loaded.ok) throw new Error(`the selection ${argv.join(' ')} is refused: ${JSON.stringify(loaded.problems)}`)
  return loaded.config.selection
}

const generated = (from: string) => `# Generated from ${from} by npm run docs; do not edit.\n`

function renderRbac(selection: SelectionConfig): string {
  const readsClusterId = selection.namespaces.length === 0
  const objects = createRbac({ selection, name, account: { name, namespace: name }, readsClusterId })
  return generated('the declarations of the resources') + objects.map(renderObject).join('---\n')
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

function renderSidecarConfigMap(): string {
  const path = 'otel-collector/sidecar.yaml'
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-collector`, namespace: name, labels: { 'app.kubernetes.io/name': name } },
    data: { 'config.yaml': readFileSync(new URL(`../${path}`, import.meta.url), 'utf8') },
  }
  return generated(path) + stringify(configMap, { lineWidth: 0 })
}
