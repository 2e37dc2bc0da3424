/** The built-in kinds that the simulated API server serves. */

import { MutatingAdmissionPolicy, ValidatingAdmissionPolicy } from '../../src/schemas/admission-policy.ts'
import {
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBinding,
} from '../../src/schemas/admission-policy-binding.ts'
import { CertificateSigningRequest } from '../../src/schemas/certificate-signing-request.ts'
import { ConfigMapData } from '../../src/schemas/config-map-data.ts'
import { CronJob } from '../../src/schemas/cron-job.ts'
import { DaemonSet } from '../../src/schemas/daemon-set.ts'
import { Deployment } from '../../src/schemas/deployment.ts'
import { EndpointSlice } from '../../src/schemas/endpoint-slice.ts'
import { Endpoints } from '../../src/schemas/endpoints.ts'
import { HorizontalPodAutoscaler } from '../../src/schemas/horizontal-pod-autoscaler.ts'
import { Ingress } from '../../src/schemas/ingress.ts'
import { IngressClass } from '../../src/schemas/ingress-class.ts'
import { Job } from '../../src/schemas/job.ts'
import { Lease } from '../../src/schemas/lease.ts'
import { LimitRange } from '../../src/schemas/limit-range.ts'
import { Namespace } from '../../src/schemas/namespace.ts'
import { NetworkPolicy } from '../../src/schemas/network-policy.ts'
import { Node } from '../../src/schemas/node.ts'
import { PersistentVolume } from '../../src/schemas/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../src/schemas/persistent-volume-claim.ts'
import { Pod } from '../../src/schemas/pod.ts'
import { PodDisruptionBudget } from '../../src/schemas/pod-disruption-budget.ts'
import { ReplicaSet } from '../../src/schemas/replica-set.ts'
import { ReplicationController } from '../../src/schemas/replication-controller.ts'
import { ResourceQuota } from '../../src/schemas/resource-quota.ts'
import { Role } from '../../src/schemas/role.ts'
import { RoleBinding } from '../../src/schemas/role-binding.ts'
import type { Schema } from '../../src/schemas/schema.ts'
import { Secret } from '../../src/schemas/secret.ts'
import { Service } from '../../src/schemas/service.ts'
import { ServiceAccount } from '../../src/schemas/service-account.ts'
import { StatefulSet } from '../../src/schemas/stateful-set.ts'
import { StorageClass } from '../../src/schemas/storage-class.ts'
import { VolumeAttachment } from '../../src/schemas/volume-attachment.ts'
import { WebhookConfiguration } from '../../src/schemas/webhook-configuration.ts'
import type { KindDefinition } from './kinds.ts'

const namespaced = (plural: string, apiVersion: string, kind: string, schema: Schema): KindDefinition => ({
  plural,
  apiVersion,
  kind,
  namespaced: true,
  schema,
})

const clusterWide = (plural: string, apiVersion: string, kind: string, schema: Schema): KindDefinition => ({
  ...namespaced(plural, apiVersion, kind, schema),
  namespaced: false,
})

/** All built-in kinds, ordered by plural. */
export const builtInKinds: readonly KindDefinition[] = [
  clusterWide(
    'certificatesigningrequests',
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    CertificateSigningRequest,
  ),
  clusterWide('clusterrolebindings', 'rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', RoleBinding),
  clusterWide('clusterroles', 'rbac.authorization.k8s.io/v1', 'ClusterRole', Role),
  namespaced('configmaps', 'v1', 'ConfigMap', ConfigMapData),
  namespaced('cronjobs', 'batch/v1', 'CronJob', CronJob),
  namespaced('daemonsets', 'apps/v1', 'DaemonSet', DaemonSet),
  namespaced('deployments', 'apps/v1', 'Deployment', Deployment),
  namespaced('endpoints', 'v1', 'Endpoints', Endpoints),
  namespaced('endpointslices', 'discovery.k8s.io/v1', 'EndpointSlice', EndpointSlice),
  namespaced('horizontalpodautoscalers', 'autoscaling/v2', 'HorizontalPodAutoscaler', HorizontalPodAutoscaler),
  clusterWide('ingressclasses', 'networking.k8s.io/v1', 'IngressClass', IngressClass),
  namespaced('ingresses', 'networking.k8s.io/v1', 'Ingress', Ingress),
  namespaced('jobs', 'batch/v1', 'Job', Job),
  namespaced('leases', 'coordination.k8s.io/v1', 'Lease', Lease),
  namespaced('limitranges', 'v1', 'LimitRange', LimitRange),
  clusterWide(
    'mutatingadmissionpolicies',
    'admissionregistration.k8s.io/v1',
    'MutatingAdmissionPolicy',
    MutatingAdmissionPolicy,
  ),
  clusterWide(
    'mutatingadmissionpolicybindings',
    'admissionregistration.k8s.io/v1',
    'MutatingAdmissionPolicyBinding',
    MutatingAdmissionPolicyBinding,
  ),
  clusterWide(
    'mutatingwebhookconfigurations',
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    WebhookConfiguration,
  ),
  clusterWide('namespaces', 'v1', 'Namespace', Namespace),
  namespaced('networkpolicies', 'networking.k8s.io/v1', 'NetworkPolicy', NetworkPolicy),
  clusterWide('nodes', 'v1', 'Node', Node),
  namespaced('persistentvolumeclaims', 'v1', 'PersistentVolumeClaim', PersistentVolumeClaim),
  clusterWide('persistentvolumes', 'v1', 'PersistentVolume', PersistentVolume),
  namespaced('poddisruptionbudgets', 'policy/v1', 'PodDisruptionBudget', PodDisruptionBudget),
  namespaced('pods', 'v1', 'Pod', Pod),
  namespaced('replicasets', 'apps/v1', 'ReplicaSet', ReplicaSet),
  namespaced('replicationcontrollers', 'v1', 'ReplicationController', ReplicationController),
  namespaced('resourcequotas', 'v1', 'ResourceQuota', ResourceQuota),
  namespaced('rolebindings', 'rbac.authorization.k8s.io/v1', 'RoleBinding', RoleBinding),
  namespaced('roles', 'rbac.authorization.k8s.io/v1', 'Role', Role),
  namespaced('secrets', 'v1', 'Secret', Secret),
  namespaced('serviceaccounts', 'v1', 'ServiceAccount', ServiceAccount),
  namespaced('services', 'v1', 'Service', Service),
  namespaced('statefulsets', 'apps/v1', 'StatefulSet', StatefulSet),
  clusterWide('storageclasses', 'storage.k8s.io/v1', 'StorageClass', StorageClass),
  clusterWide(
    'validatingadmissionpolicies',
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicy',
    ValidatingAdmissionPolicy,
  ),
  clusterWide(
    'validatingadmissionpolicybindings',
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicyBinding',
    ValidatingAdmissionPolicyBinding,
  ),
  clusterWide(
    'validatingwebhookconfigurations',
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    WebhookConfiguration,
  ),
  clusterWide('volumeattachments', 'storage.k8s.io/v1', 'VolumeAttachment', VolumeAttachment),
]
