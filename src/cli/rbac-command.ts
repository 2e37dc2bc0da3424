/** The command `rbac`: the roles that a selection needs, as YAML for kubectl. */

import { stringify } from 'yaml'
import type { CustomResourcesConfig } from '../config/custom-resources-config.ts'
import { text } from '../config/formats/format.ts'
import { customKinds } from '../inspect/custom-kinds.ts'
import { loadCustomResources } from '../inspect/custom-resources.ts'
import type { Manifest } from '../inspect/manifests.ts'
import { ManifestError, readManifests } from '../inspect/manifests.ts'
import type { Command, CommandContext } from './command.ts'
import { configureWithoutWords, defineCommand, exitDone, exitRefused } from './command.ts'
import { requiredRoles } from './required-roles.ts'

/** What the rights are missing for: objects that hold rules and were not given; undefined if there is nothing. */
function describeMissing({ configMaps, monitors }: CustomResourcesConfig, areGiven: boolean): string | undefined {
  const sources = [...(configMaps ? ['configmaps'] : []), ...(monitors ? ['resourcemetricsmonitors'] : [])]
  if (areGiven || sources.length === 0) return undefined
  const names = sources.join(',')
  return `the rights for the kinds of rules in ${names} are missing: give these objects by -f, as kubectl get ${names} -A -o yaml prints them`
}

/** A service account as `namespace/name`. */
export const serviceAccount = text('namespace/name', (input) =>
  /^[^/]+\/[^/]+$/.test(input) ? undefined : 'NAMESPACE/NAME',
)

/** The parts of a service account. */
export function accountOf(namespaceAndName: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = namespaceAndName.split('/')
  return { namespace, name }
}

/** The manifests of the paths; undefined, and reported, if they cannot be read. */
async function readGiven(
  paths: readonly string[],
  { stdin }: CommandContext,
  onProblem: (message: string) => void,
): Promise<readonly Manifest[] | undefined> {
  try {
    return await readManifests(paths, stdin)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    onProblem(error.message)
    return undefined
  }
}

export const rbacCommand: Command = defineCommand({
  name: 'rbac',
  summary: 'Print the minimal roles and bindings for the selection, as YAML',
  usage: '[--name NAME] [--service-account NAMESPACE/NAME] [flags]',
  options: {
    filename: {
      short: 'f',
      format: text('path'),
      repeated: true,
      doc: 'CustomResourceDefinitions of the kinds that have rules, for their plural names and scopes, and objects with rules',
    },
    name: { format: text('name'), default: 'kube-state-otlp', doc: 'name of the roles' },
    'service-account': {
      format: serviceAccount,
      default: 'kube-state-otlp/kube-state-otlp',
      doc: 'service account of the bindings',
    },
  },
  examples: [
    ['kube-state-otlp rbac | kubectl apply -f -', 'grant access for the default selection'],
    ['kube-state-otlp rbac --resources=pods,deployments --namespaces=shop,billing', 'only roles in two namespaces'],
    ['kube-state-otlp rbac -f crds.yaml --custom-resource-state-config-file=rules.yaml', 'with the kinds of rules'],
  ],
  mainKeys: [
    ...(['resources', 'namespaces', 'auth_filter', 'leader_election.enabled', 'otlp.instance_id', 'config'] as const),
    'custom_resource_state_config_file',
  ],
  async run(args, context) {
    const loaded = configureWithoutWords(args, 'use -f for files', context)
    if (loaded === undefined) return exitRefused
    const { filename, name } = args.options
    const account = accountOf(args.options['service-account'])
    const { customResources } = loaded.config
    const onProblem = (message: string) => context.stderr.write(`kube-state-otlp: ${message}\n`)
    const manifests = await readGiven(filename, context, onProblem)
    if (manifests === undefined) return exitRefused
    const { rules, isRuleSource } = await loadCustomResources(customResources, onProblem, manifests)
    const missing = describeMissing(customResources, manifests.some(isRuleSource))
    if (missing !== undefined) onProblem(missing)
    const kinds = customKinds(rules, manifests)
    for (const { group, plural } of kinds.filter(({ isGuessed }) => isGuessed)) {
      onProblem(
        `${plural}.${group}: a guess from the kind; set resourcePlural, or give its definition by -f, to be sure`,
      )
    }
    const objects = requiredRoles({
      config: loaded.config,
      name,
      account,
      customKinds: kinds,
    })
    context.stdout.write(objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'))
    return exitDone
  },
})
