/**
 * Watch events of pods of 7 KB as bytes, written in place from templates: a server of 200,000 pods holds none of them. What
 * distinguishes the pods of a template has a fixed width.
 */

import { encodeEnvelope, encodeWatchFrame } from '../../simulator/protobuf-envelope.ts'
import { createPods } from '../pod-of-ten-kilobytes.ts'

export type PodEvent = 'ADDED' | 'MODIFIED' | 'DELETED'

/** What differs between pods of a template. */
export interface PodIdentity {
  /** Below 2^32, unique: name and UID follow from it. */
  readonly id: number
  /** Below 2^32: the label `revision`. */
  readonly revision: number
  /** With ten digits. */
  readonly resourceVersion: number
}

const templateCount = 200
const idWidth = 8
const resourceVersionWidth = 10

/** Texts that occur nowhere else in a pod. */
const marks = {
  name: '~name~~~',
  uid: '~uid~~~~',
  revision: '~revisn~',
  resourceVersion: '~version~~',
}
const uidTail = '-1a57-4a2e-9b1f-0e9b6e2e6a11'

interface Template {
  readonly bytes: Buffer
  readonly at: Readonly<Record<keyof typeof marks, number>>
}

export interface PodFrames {
  /** A new buffer with the event of a pod; `slot` selects the template. */
  write(type: PodEvent, slot: number, pod: PodIdentity): Buffer
}

export function createPodFrames(): PodFrames {
  const { protobuf } = createPods(templateCount, {
    name: `web-7d9c6b4f8-${marks.name}`,
    uid: `${marks.uid}${uidTail}`,
    resourceVersion: marks.resourceVersion,
    labels: { revision: marks.revision },
  })
  const envelopes = protobuf.map((pod) => encodeEnvelope('v1', 'Pod', pod))
  const templatesOf = (type: PodEvent) => envelopes.map((envelope) => templateOf(encodeWatchFrame(type, envelope)))
  const templates = { ADDED: templatesOf('ADDED'), MODIFIED: templatesOf('MODIFIED'), DELETED: templatesOf('DELETED') }
  return {
    write(type, slot, { id, revision, resourceVersion }) {
      const { bytes, at } = templates[type][slot % templateCount] as Template
      const frame = Buffer.from(bytes)
      frame.write(hexadecimal(id), at.name, 'latin1')
      frame.write(hexadecimal(id), at.uid, 'latin1')
      frame.write(hexadecimal(revision), at.revision, 'latin1')
      frame.write(String(resourceVersion).padStart(resourceVersionWidth, '1'), at.resourceVersion, 'latin1')
      return frame
    },
  }
}

function templateOf(bytes: Buffer): Template {
  const positionOf = (mark: string) => {
    const position = bytes.indexOf(mark)
    if (position < 0 || bytes.includes(mark, position + 1)) throw new Error(`a pod has ${mark} not exactly once`)
    return position
  }
  const { name, uid, revision, resourceVersion } = marks
  const at = {
    name: positionOf(name),
    uid: positionOf(uid),
    revision: positionOf(revision),
    resourceVersion: positionOf(resourceVersion),
  }
  return { bytes, at }
}

const hexadecimal = (value: number) => value.toString(16).padStart(idWidth, '0')

/** The UID of a pod, as in its frames. */
export const uidOf = (id: number) => `${hexadecimal(id)}${uidTail}`
