/**
 * What kwok does as the kubelet of every node: nodes become Ready and stay so, pods run, pods of Jobs complete after some
 * seconds, and deleted pods end. The templates are Go templates that yield YAML.
 */

interface Stage {
  readonly name: string
  readonly kind: 'Node' | 'Pod'
  /** All must match: a jq path, an operator and its values. */
  readonly selector: readonly (readonly [key: string, operator: string, values?: readonly string[]])[]
  readonly next: object
  readonly delay?: object
}

const quantities = '{cpu: "32", memory: 256Gi, ephemeral-storage: 1Ti, pods: "250"}'

const nodeStatus = `
phase: Running
capacity: ${quantities}
allocatable: ${quantities}
nodeInfo: {architecture: amd64, operatingSystem: linux, osImage: Simulated Linux 1, kernelVersion: 6.12.0,
  containerRuntimeVersion: containerd://2.1.0, kubeletVersion: v1.36.3, kubeProxyVersion: v1.36.3,
  machineID: "", systemUUID: "", bootID: ""}
conditions:
{{ $at := Now | Quote }}
- {type: Ready, status: "True", reason: KubeletReady, message: simulated, lastHeartbeatTime: {{ $at }}, lastTransitionTime: {{ $at }}}
{{ range list "MemoryPressure" "DiskPressure" "PIDPressure" }}
- {type: {{ . }}, status: "False", reason: KubeletHasEnough, message: simulated, lastHeartbeatTime: {{ $at }}, lastTransitionTime: {{ $at }}}
{{ end }}
`

/** The fields of a container's status that do not depend on its state, inside a `range` over containers. */
const sameInEachState =
  'name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: {{ .image | Quote }}, restartCount: 0'

const podRuns = `
{{ $pod := . }}
{{ $at := Now | Quote }}
phase: Running
startTime: {{ $at }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
conditions:
{{ range list "PodReadyToStartContainers" "PodScheduled" "Initialized" "ContainersReady" "Ready" }}
- {type: {{ . }}, status: "True", lastProbeTime: null, lastTransitionTime: {{ $at }}}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- {${sameInEachState}, ready: true, started: true, state: {running: {startedAt: {{ $at }}}},
   containerID: {{ printf "containerd://%s-%s" $pod.metadata.uid .name | Quote }}}
{{ end }}
`

const podSucceeds = `
{{ $pod := . }}
{{ $at := Now | Quote }}
phase: Succeeded
containerStatuses:
{{ range .spec.containers }}
- {${sameInEachState}, ready: false, started: false,
   state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $pod.status.startTime | Quote }}, finishedAt: {{ $at }}}}}
{{ end }}
`

const isDeleted = '.metadata.deletionTimestamp'

const stages: readonly Stage[] = [
  {
    name: 'node-is-ready',
    kind: 'Node',
    selector: [['.status.conditions.[] | select( .type == "Ready" ) | .status', 'NotIn', ['True']]],
    next: { statusTemplate: nodeStatus },
  },
  {
    name: 'pod-runs',
    kind: 'Pod',
    selector: [
      [isDeleted, 'DoesNotExist'],
      ['.spec.nodeName', 'Exists'],
      ['.status.podIP', 'DoesNotExist'],
    ],
    next: { statusTemplate: podRuns },
  },
  {
    name: 'pod-of-a-job-succeeds',
    kind: 'Pod',
    selector: [
      [isDeleted, 'DoesNotExist'],
      ['.status.phase', 'In', ['Running']],
      ['.metadata.ownerReferences.[].kind', 'In', ['Job']],
    ],
    delay: { durationMilliseconds: 3000, jitterDurationMilliseconds: 6000 },
    next: { statusTemplate: podSucceeds },
  },
  {
    name: 'deleted-pod-ends',
    kind: 'Pod',
    selector: [[isDeleted, 'Exists']],
    next: { finalizers: { empty: true }, delete: true },
  },
]

/** kwok's configuration: JSON documents, which are YAML too. */
export function kubeletStages(): string {
  return stages.map((stage) => JSON.stringify(stageObject(stage))).join('\n---\n')
}

function stageObject({ name, kind, selector, next, delay }: Stage): object {
  const matchExpressions = selector.map(([key, operator, values]) => ({ key, operator, ...(values && { values }) }))
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions }, ...(delay && { delay }), next },
  }
}
