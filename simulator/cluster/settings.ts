/** Owns config maps and secrets. Their data is there to prove that nobody asks for it. */

import type { ApiObject } from '../api/kinds.ts'
import type { World } from './world.ts'
import { change, create, existing } from './world.ts'

/** In the data of every secret: whoever sees this has read too much. */
export const secretMarker = 'never-to-be-read'

const secretValue = (random: World['random']) => Buffer.from(`${secretMarker} ${random.hex(16)}`).toString('base64')

function secretData(world: World) {
  return { url: secretValue(world.random), password: secretValue(world.random) }
}

function settingsData(world: World) {
  return { 'settings.yaml': `level: info\nseed: ${world.random.hex(8)}\n`, features: world.random.suffix(8) }
}

/** The settings and credentials of an app. As kubectl's apply does, an annotation repeats the secret's data. */
export function createSettings(world: World, namespace: string, app: string): void {
  create(world, 'configmaps', { metadata: { name: `${app}-settings`, namespace }, data: settingsData(world) })
  const data = secretData(world)
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data }) }
  create(world, 'secrets', { metadata: { name: `${app}-credentials`, namespace, annotations }, type: 'Opaque', data })
}

/** A secret with the certificate of a host. */
export function createCertificate(world: World, namespace: string, app: string): void {
  const data = { 'tls.crt': secretValue(world.random), 'tls.key': secretValue(world.random) }
  create(world, 'secrets', { metadata: { name: `${app}-tls`, namespace }, type: 'kubernetes.io/tls', data })
}

/** New settings or new credentials for an app. */
export function changeSettings(world: World, namespace: string, app: string): ApiObject {
  if (world.random.chance(0.5)) {
    const secret = existing(world, 'secrets', namespace, `${app}-credentials`)
    return change(world, 'secrets', secret, { data: secretData(world) })
  }
  const settings = existing(world, 'configmaps', namespace, `${app}-settings`)
  return change(world, 'configmaps', settings, { data: settingsData(world) })
}
