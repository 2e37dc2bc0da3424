/** ConfigMaps and secrets. Their data lets tests verify that it is never requested. */

import type { ApiObject } from '../api/kinds.ts'
import type { ClusterState } from './cluster-state.ts'
import { change, create, existing } from './cluster-state.ts'

/** In the data of every secret, so that tests notice when it is read. */
export const secretMarker = 'never-to-be-read'

const secretValue = (random: ClusterState['random']) =>
  Buffer.from(`${secretMarker} ${random.hex(16)}`).toString('base64')

function secretData(cluster: ClusterState) {
  return { url: secretValue(cluster.random), password: secretValue(cluster.random) }
}

function settingsData(cluster: ClusterState) {
  return { 'settings.yaml': `level: info\nseed: ${cluster.random.hex(8)}\n`, features: cluster.random.suffix(8) }
}

/** The ConfigMap and the secret of an app. As with `kubectl apply`, an annotation repeats the data of the secret. */
export function createSettings(cluster: ClusterState, namespace: string, app: string): void {
  create(cluster, 'configmaps', { metadata: { name: `${app}-settings`, namespace }, data: settingsData(cluster) })
  const data = secretData(cluster)
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data }) }
  create(cluster, 'secrets', { metadata: { name: `${app}-credentials`, namespace, annotations }, type: 'Opaque', data })
}

/** A secret with the certificate of a host. */
export function createCertificate(cluster: ClusterState, namespace: string, app: string): void {
  const data = { 'tls.crt': secretValue(cluster.random), 'tls.key': secretValue(cluster.random) }
  create(cluster, 'secrets', { metadata: { name: `${app}-tls`, namespace }, type: 'kubernetes.io/tls', data })
}

/** Changes the ConfigMap or the secret of an app. */
export function changeSettings(cluster: ClusterState, namespace: string, app: string): ApiObject {
  if (cluster.random.chance(0.5)) {
    const secret = existing(cluster, 'secrets', namespace, `${app}-credentials`)
    return change(cluster, 'secrets', secret, { data: secretData(cluster) })
  }
  const settings = existing(cluster, 'configmaps', namespace, `${app}-settings`)
  return change(cluster, 'configmaps', settings, { data: settingsData(cluster) })
}
