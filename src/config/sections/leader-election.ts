/** Keys of leader election: of several replicas one pushes. */
import { duration } from '../formats/duration.ts'
import { boolean, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** RFC 1123 subdomains, which the names of objects are. */
const objectName = text('name', (input) =>
  /^[a-z0-9]([-a-z0-9.]{0,230}[a-z0-9])?$/.test(input)
    ? undefined
    : 'the name of an object: lower-case letters, digits, - and .',
)

/** Keys of the Lease that replicas compete for. */
export const leaderElectionSettings = {
  'leader_election.enabled': setting({
    doc: 'Elect a leader among the replicas with a Lease. Only the leader pushes; all replicas serve /metrics. A replica without permission for Leases pushes.',
    default: false,
    format: boolean,
    flag: 'leader-election',
  }),
  'leader_election.lease_name': setting({
    doc: 'Name of the Lease. Shards append their ordinal, and instances per node the name of the node.',
    default: 'kube-state-otlp',
    format: objectName,
  }),
  'leader_election.namespace': optional({
    doc: 'Namespace of the Lease. Default: POD_NAMESPACE, then the namespace of the service account, then default.',
    format: text('name'),
    environment: [{ name: 'KUBE_STATE_OTLP_LEADER_ELECTION_NAMESPACE' }, { name: 'POD_NAMESPACE' }],
  }),
  'leader_election.identity': optional({
    doc: 'Identity of the holder of the Lease, which must differ between replicas and survive a restart of the container. Default: telemetry.instance_id, which is the UID of the pod in POD_UID, or else a random ID.',
    format: text('id'),
  }),
  'leader_election.lease_duration': setting({
    doc: 'How long other replicas wait for a renewal before one of them takes the Lease; in whole seconds.',
    default: 15_000,
    format: duration(1000),
  }),
  'leader_election.renew_deadline': setting({
    doc: 'How long the leader continues to push without a renewal.',
    default: 10_000,
    format: duration(500),
  }),
  'leader_election.retry_period': setting({
    doc: 'Time between two renewals, and before another attempt after a failure.',
    default: 2000,
    format: duration(100),
  }),
}
