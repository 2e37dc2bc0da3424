/** The command `rbac`: the roles that a selection needs, as YAML for kubectl. */

import { stringify } from 'yaml'
import { customKinds } from '../inspect/custom-kinds.ts'
import { readCustomResources } from '../inspect/custom-resources.ts'
import type { Manifest } from '../inspect/manifests.ts'
import { ManifestError, readManifests } from '../inspect/manifests.ts'
import { createRbac } from '../inspect/rbac.ts'
import type { Command, CommandArguments, CommandContext } from './command.ts'
import { configure, exitDone, exitRefused } from './command.ts'

const optionOf = ({ values }: CommandArguments, name: string, fallback: string) => values.get(name)?.at(-1) ?? fallback

/** The manifests that `-f` names; undefined, and reported, when they cannot be read. */
async function readDefinitions(
  { values }: CommandArguments,
  { stdin }: CommandContext,
  onProblem: (message: string) => void,
): Promise<readonly Manifest[] | undefined> {
  const paths = values.get('filename')
  try {
    return paths === undefined ? [] : await readManifests(paths, stdin)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    onProblem(error.message)
    return undefined
  }
}

export const rbacCommand: Command = {
  name: 'rbac',
  summary: 'Print the minimal roles and bindings for the selection, as YAML',
  usage: '[--name NAME] [--service-account NAMESPACE/NAME] [flags]',
  options: [
    {
      name: 'filename',
      short: 'f',
      placeholder: 'path',
      doc: 'CustomResourceDefinitions of the kinds that rules are for: they tell plural names and scopes',
    },
    { name: 'name', placeholder: 'name', doc: 'name of the roles (default: kube-state-otlp)' },
    {
      name: 'service-account',
      placeholder: 'namespace/name',
      doc: 'service account of the bindings (default: kube-state-otlp/kube-state-otlp)',
    },
  ],
  examples: [
    ['kube-state-otlp rbac | kubectl apply -f -', 'grant access for the default selection'],
    ['kube-state-otlp rbac --resources=pods,deployments --namespaces=shop,billing', 'only roles in two namespaces'],
    ['kube-state-otlp rbac -f crds.yaml --custom-resource-state-config-file=rules.yaml', 'with the kinds of rules'],
  ],
  configured: true,
  async run(args, context) {
    const loaded = configure([...args.flags, ...args.words], context)
    if (loaded === undefined) return exitRefused
    const [namespace, name, ...rest] = optionOf(args, 'service-account', 'kube-state-otlp/kube-state-otlp').split('/')
    if (!namespace || !name || rest.length > 0) {
      context.stderr.write('kube-state-otlp: service-account: expected NAMESPACE/NAME\n')
      return exitRefused
    }
    const { selection, otlp, server, customResources } = loaded.config
    const onProblem = (message: string) => context.stderr.write(`kube-state-otlp: ${message}\n`)
    const { rules, only } = readCustomResources(customResources, onProblem)
    const definitions = await readDefinitions(args, context, onProblem)
    if (definitions === undefined) return exitRefused
    const kinds = customKinds(rules, definitions)
    for (const { group, plural } of kinds.filter(({ isGuessed }) => isGuessed)) {
      onProblem(
        `${plural}.${group}: a guess from the kind; set resourcePlural, or give its definition by -f, to be sure`,
      )
    }
    const objects = createRbac({
      selection,
      name: optionOf(args, 'name', 'kube-state-otlp'),
      account: { name, namespace },
      customKinds: kinds,
      customResourcesOnly: only,
      readsClusterId: otlp.instanceId === undefined,
      reviewsAccess: server.authFilter,
    })
    context.stdout.write(objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'))
    return exitDone
  },
}
