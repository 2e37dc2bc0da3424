/** The command `rbac`: the roles that a selection needs, as YAML for kubectl. */

import { stringify } from 'yaml'
import { createRbac } from '../inspect/rbac.ts'
import type { Command, CommandArguments } from './command.ts'
import { configure, exitDone, exitRefused } from './command.ts'

const optionOf = ({ values }: CommandArguments, name: string, fallback: string) => values.get(name)?.at(-1) ?? fallback

export const rbacCommand: Command = {
  name: 'rbac',
  summary: 'Print the minimal roles and bindings for the selection, as YAML',
  usage: '[--name NAME] [--service-account NAMESPACE/NAME] [flags]',
  options: [
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
    const { selection, otlp, server } = loaded.config
    const objects = createRbac({
      selection,
      name: optionOf(args, 'name', 'kube-state-otlp'),
      account: { name, namespace },
      readsClusterId: otlp.instanceId === undefined,
      reviewsAccess: server.authFilter,
    })
    context.stdout.write(objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'))
    return exitDone
  },
}
