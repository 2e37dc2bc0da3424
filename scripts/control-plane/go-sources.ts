/**
 * The programs that end-to-end tests and `npm run bench -- cluster` run beside the product, their versions, and how Go builds
 * them. This table is the only place with versions.
 */

/** Programs that are built together, from one module. */
export interface GoSource {
  /** The name of the folder in the cache, beside the version. */
  readonly name: string
  readonly module: string
  readonly version: string
  /** Packages by the name of their program. */
  readonly packages: Readonly<Record<string, string>>
  /** Older programs on PATH are not used. Major and minor. */
  readonly minimum: string
  /** Wall time of the first build on two cores, downloads included. */
  readonly minutes: number
  readonly tags?: readonly string[]
  /** Variables that the linker sets, by name. */
  readonly variables?: Readonly<Record<string, string>>
  /** The module has its parts as folders, which Go finds as modules of their own: see kubernetes-module.ts. */
  readonly isKubernetes?: true
  /** A Collector that its builder generates, with these components. */
  readonly components?: CollectorComponents
}

/** Go modules by the kind of component, as in the builder's manifest. */
export type CollectorComponents = Readonly<
  Record<'receivers' | 'processors' | 'exporters' | 'extensions', readonly string[]>
>

/** Go downloads a newer toolchain itself if it is at least `bootstrap`. */
export const goVersion = { needed: '1.26', bootstrap: '1.21' }

export const otherKubernetesMinutes = 10

const prometheusPackages = 'github.com/prometheus/prometheus/cmd'
const collector = 'go.opentelemetry.io/collector'
const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib'

/** kube-apiserver, kube-controller-manager and kube-scheduler of one version, such as `v1.36.3`. */
export function kubernetesSource(version: string): GoSource {
  const command = 'k8s.io/kubernetes/cmd'
  const variable = 'k8s.io/component-base/version'
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\.\d+$/.exec(version) ?? []
  if (minor === '') throw new TypeError(`${version} is not a version of Kubernetes, such as v1.36.3`)
  return {
    name: 'kubernetes',
    module: 'k8s.io/kubernetes',
    version,
    packages: {
      'kube-apiserver': `${command}/kube-apiserver`,
      'kube-controller-manager': `${command}/kube-controller-manager`,
      'kube-scheduler': `${command}/kube-scheduler`,
    },
    minimum: '1.33',
    minutes: otherKubernetesMinutes,
    variables: {
      [`${variable}.gitVersion`]: version,
      [`${variable}.gitMajor`]: major,
      [`${variable}.gitMinor`]: minor,
    },
    isKubernetes: true,
  }
}

export const goSources: readonly GoSource[] = [
  {
    name: 'etcd',
    module: 'go.etcd.io/etcd/server/v3',
    version: 'v3.6.8',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    minimum: '3.5',
    minutes: 1,
  },
  kubernetesSource('v1.36.3'),
  {
    name: 'kwok',
    module: 'sigs.k8s.io/kwok',
    version: 'v0.8.0',
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    minimum: '0.7',
    minutes: 2,
    variables: { 'sigs.k8s.io/kwok/pkg/consts.Version': 'v0.8.0' },
  },
  {
    name: 'otelcol',
    module: `${collector}/cmd/builder`,
    version: 'v0.156.0',
    packages: { otelcol: `${collector}/cmd/builder` },
    minimum: '0.156',
    minutes: 3,
    components: {
      receivers: [`${collector}/receiver/otlpreceiver`, `${contrib}/receiver/prometheusreceiver`],
      processors: [`${collector}/processor/batchprocessor`, `${collector}/processor/memorylimiterprocessor`],
      exporters: [
        `${collector}/exporter/debugexporter`,
        `${collector}/exporter/otlphttpexporter`,
        `${contrib}/exporter/prometheusexporter`,
      ],
      extensions: [`${contrib}/extension/healthcheckextension`],
    },
  },
  {
    name: 'prometheus',
    module: 'github.com/prometheus/prometheus',
    version: 'v0.315.0',
    packages: { prometheus: `${prometheusPackages}/prometheus`, promtool: `${prometheusPackages}/promtool` },
    minimum: '3.0',
    minutes: 3,
    // Service discovery is not used, and brings the clients of all clouds.
    tags: ['remove_all_sd'],
    variables: { 'github.com/prometheus/common/version.Version': '3.15.0' },
  },
  {
    name: 'helm',
    module: 'helm.sh/helm/v4',
    version: 'v4.3.1',
    packages: { helm: 'helm.sh/helm/v4/cmd/helm' },
    minimum: '4.0',
    minutes: 2,
  },
]

/** The source of a program. */
export function sourceOf(program: string): GoSource {
  const source = goSources.find(({ packages }) => program in packages)
  if (source === undefined) throw new TypeError(`no Go module is known for ${program}`)
  return source
}

/** The programs of a cluster: what `scripts/cluster.ts` starts. */
export const clusterPrograms = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok']

/** All programs of the table. */
export const allPrograms = goSources.flatMap(({ packages }) => Object.keys(packages))
