/** The command `doctor`: checks the installation that a configuration describes, and says what to fix. */

import { boolean } from '../config/formats/format.ts'
import { customKinds } from '../inspect/custom-kinds.ts'
import { loadCustomResources } from '../inspect/custom-resources.ts'
import { examine } from '../inspect/doctor/examine.ts'
import type { Finding } from '../inspect/doctor/finding.ts'
import { connectForOneRun } from '../runtime/cluster-connection.ts'
import { openTransportForOneRun } from '../runtime/otlp-transport.ts'
import type { Command, CommandContext } from './command.ts'
import { configureWithoutWords, defineCommand, exitDone, exitFailed, exitRefused } from './command.ts'
import { accountOf, serviceAccount } from './rbac-command.ts'
import { requiredRoles } from './required-roles.ts'

export const doctorCommand: Command = defineCommand({
  name: 'doctor',
  summary: 'Check the cluster, rights, kinds, clock and receiver, and print what to fix; exit code 1 if a check fails',
  usage: '[--service-account NAMESPACE/NAME] [--push=false] [flags]',
  options: {
    'service-account': {
      format: serviceAccount,
      doc: 'check the rights of this service account instead of your own; needs create on subjectaccessreviews',
    },
    push: { format: boolean, default: true, doc: 'push one sample, kube_state_otlp_doctor, and its stale marker' },
  },
  examples: [
    ['kube-state-otlp doctor --otlp-endpoint=http://collector:4317', 'check the current cluster and this receiver'],
    [
      'kube-state-otlp doctor --config=config.yaml --service-account=kube-state-otlp/kube-state-otlp',
      'check what an installation may read',
    ],
  ],
  mainKeys: ['config', 'kubeconfig', 'context', 'resources', 'namespaces', 'otlp.endpoint', 'otlp.protocol'],
  async run(args, context) {
    const loaded = configureWithoutWords(args, 'doctor accepts only flags', context)
    if (loaded === undefined) return exitRefused
    const { config, notices } = loaded
    const problems = notices.map(({ message }) => message)
    const customResources = await loadCustomResources(config.customResources, (message) => problems.push(message))
    const { 'service-account': given } = args.options
    const account = given === undefined ? undefined : accountOf(given)
    const roles = requiredRoles({
      config,
      name: 'kube-state-otlp',
      account: account ?? { namespace: config.leaderElection.namespace ?? 'kube-state-otlp', name: 'kube-state-otlp' },
      customKinds: customKinds(customResources.rules, []),
    })
    let failed = 0
    const report = (finding: Finding) => {
      if (finding.state === 'failed') failed++
      context.stdout.write(describe(finding))
    }
    for (const message of problems) report({ check: 'configuration', state: 'warning', found: message })
    if (problems.length === 0) report({ check: 'configuration', state: 'ok', found: 'valid' })
    const findings = examine({
      ...{ config, customResources, roles, account, signal: context.signal },
      userAgent: `kube-state-otlp/${context.version}`,
      connect: () => connectForOneRun(config.kubernetes),
      openTransport: args.options.push ? openTransportForOneRun : undefined,
    })
    for await (const finding of findings) report(finding)
    return conclude(failed, context)
  },
})

/** The state, the check and what was found; what to do on a line of its own. */
function describe({ check, state, found, fix }: Finding): string {
  const advice = fix === undefined || state === 'ok' ? '' : `${' '.repeat(24)}→ ${fix}\n`
  return `${state.padEnd(8)} ${check.padEnd(14)} ${found}\n${advice}`
}

function conclude(failed: number, { stdout }: CommandContext): number {
  stdout.write(failed === 0 ? 'no check failed\n' : `${failed} ${failed === 1 ? 'check' : 'checks'} failed\n`)
  return failed === 0 ? exitDone : exitFailed
}
