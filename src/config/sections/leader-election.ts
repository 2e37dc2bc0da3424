/** Keys of leader election: of several replicas one pushes. */
import { duration } from '../formats/duration.ts'
import { boolean, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** RFC 1123 subdomains, which the names of objects are. */
const objectName = text('name', (input) =>
  /^[a-z0-9]([-a-z0-9.]{0,230}[a-z0-9])?$/.test(input)
    ? undefined
    : 'lower-case letters, digits, - and ., as the name of an object has them',
)

/** Keys of the Lease that replicas compete for. */
export const leaderElectionSettings = {
  'leader_election.enabled': setting({
    doc: 'Elect one of the replicas by a Lease; it alone pushes, and all of them serve /metrics. Without rights on Leases a replica pushes as the only one.',
    default: false,
    format: boolean,
    flag: 'leader-election',
  }),
  'leader_election.lease_name': setting({
    doc: 'Name of the Lease. A shard adds its number, and an instance of one node the name of the node.',
    default: 'kube-state-otlp',
    format: objectName,
  }),
  'leader_election.namespace': optional({
    doc: 'Namespace of the Lease. Unless set: POD_NAMESPACE, else that of the service account, else default.',
    format: text('name'),
    environment: [{ name: 'KUBE_STATE_OTLP_LEADER_ELECTION_NAMESPACE' }, { name: 'POD_NAMESPACE' }],
  }),
  'leader_election.identity': optional({
    doc: 'Who holds the Lease; it must differ between replicas and survive a restart of the container. Unless set: telemetry.instance_id, which is the UID of the pod in POD_UID, else a random one.',
    format: text('id'),
  }),
  'leader_election.lease_duration': setting({
    doc: 'How long other replicas wait for a renewal before one of them takes the Lease; in whole seconds.',
    default: 15_000,
    format: duration(1000),
  }),
  'leader_election.renew_deadline': setting({
    doc: 'How long the leader goes on pushing without a renewal.',
    default: 10_000,
    format: duration(500),
  }),
  'leader_election.retry_period': setting({
    doc: 'Time between two renewals, and before another attempt after a failure.',
    default: 2000,
    format: duration(100),
  }),
}
