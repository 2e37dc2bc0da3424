/** The command lines of the parts of a cluster. */

import { join } from 'node:path'
import type { ClusterSettings } from './cluster-settings.ts'
import { apiUrl, etcdUrl, kubeconfigOf } from './cluster-settings.ts'
import { credentialFiles } from './credentials.ts'

export type CommandLine = readonly [program: string, ...flags: string[]]

const programOf = ({ programs }: ClusterSettings, name: string) => join(programs, name)

/** Without fsync: the data need not survive a crash of the machine. */
export function etcdCommand(settings: ClusterSettings): CommandLine {
  const peerUrl = `http://127.0.0.1:${settings.ports.etcdPeer}`
  return [
    programOf(settings, 'etcd'),
    `--data-dir=${join(settings.state, 'etcd')}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    `--listen-client-urls=${etcdUrl(settings)}`,
    `--advertise-client-urls=${etcdUrl(settings)}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    `--quota-backend-bytes=${8 * 2 ** 30}`,
    '--snapshot-count=50000',
  ]
}

/** Plugins that would reject or change what the tests and benchmarks write. */
const disabledPlugins = [
  'ServiceAccount',
  'ResourceQuota',
  'LimitRanger',
  'DefaultStorageClass',
  'TaintNodesByCondition',
  'PersistentVolumeClaimResize',
  'RuntimeClass',
  'DefaultIngressClass',
]

/** Without limits on the number of requests, since a load generator writes as fast as it can. */
export function apiServerCommand(settings: ClusterSettings): CommandLine {
  const files = credentialFiles(settings.state)
  return [
    programOf(settings, 'kube-apiserver'),
    `--etcd-servers=${etcdUrl(settings)}`,
    '--etcd-compaction-interval=2m',
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${settings.ports.api}`,
    '--service-cluster-ip-range=10.0.0.0/12',
    `--cert-dir=${join(settings.state, 'pki')}`,
    `--tls-cert-file=${files.serverCert}`,
    `--tls-private-key-file=${files.serverKey}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--anonymous-auth=false',
    `--token-auth-file=${files.tokens}`,
    `--authorization-mode=${settings.authorization}`,
    `--disable-admission-plugins=${disabledPlugins.join(',')}`,
    '--enable-priority-and-fairness=false',
    '--max-requests-inflight=4000',
    '--max-mutating-requests-inflight=2000',
    ...settings.apiFlags,
  ]
}

/** Controllers, scheduler and simulated kubelets, by the name of their log. */
export function controllerCommands(settings: ClusterSettings): Readonly<Record<string, CommandLine>> {
  const { state } = settings
  const files = credentialFiles(state)
  const common = [`--kubeconfig=${kubeconfigOf(settings)}`]
  // They serve nothing: a port that another program has taken meanwhile would end them when they start again.
  const alone = [...common, '--leader-elect=false', '--secure-port=0']
  return {
    'controller-manager': [
      programOf(settings, 'kube-controller-manager'),
      ...alone,
      `--service-account-private-key-file=${files.serviceAccountKey}`,
      `--root-ca-file=${files.ca}`,
      '--use-service-account-credentials=false',
    ],
    scheduler: [programOf(settings, 'kube-scheduler'), ...alone],
    kwok: [
      programOf(settings, 'kwok'),
      ...common,
      '--manage-all-nodes=true',
      `--config=${stagesFile(state)}`,
      '--node-lease-duration-seconds=40',
    ],
  }
}

export const stagesFile = (state: string) => join(state, 'kubelet-stages.yaml')

/** For messages: what listens where. */
export const describeCluster = (settings: ClusterSettings): string =>
  JSON.stringify({
    state: settings.state,
    api: apiUrl(settings),
    etcd: etcdUrl(settings),
    kubeconfig: kubeconfigOf(settings),
    ca: credentialFiles(settings.state).ca,
  })
