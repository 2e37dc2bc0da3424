/** The text and the identity of a series. Names are not changed, because object state has no units or special characters. */
import type { Attributes, AttributeValue, DecodedResource } from './metrics-decoder.ts'

/** The target labels of a resource in Prometheus, and the attributes for `target_info`. */
export interface Target {
  /** `service.namespace/service.name`, or the name alone; empty without a name. */
  job: string
  /** `service.instance.id`; empty when absent. */
  instance: string
  /** Attributes that become labels of `target_info`. */
  info: Attributes
}

const targetKeys = new Set(['service.name', 'service.namespace', 'service.instance.id'])

const jsonText = (value: AttributeValue): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner))

/** The value of an attribute as a Prometheus label value. */
export const labelText = (value: AttributeValue): string => {
  if (value === null) return ''
  return Array.isArray(value) ? jsonText(value) : String(value)
}

const needsEscape = /[\\"\n]/
const escapes: Record<string, string> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

const escapeLabel = (text: string): string =>
  needsEscape.test(text) ? text.replace(/[\\"\n]/g, (character) => escapes[character] ?? character) : text

const labelPair = ([key, value]: Attributes[number]): string => `${key}="${escapeLabel(labelText(value))}"`

/** `name{a="b",…}` with the labels in the given order; the bare name without any. */
export const seriesText = (name: string, attributes: Attributes): string =>
  attributes.length === 0 ? name : `${name}{${attributes.map(labelPair).join(',')}}`

/**
 * The identity of a series: its target and its labels, sorted and without empty ones, which Prometheus treats as absent.
 * Two texts of one series have the same identity.
 */
export const seriesIdentity = (name: string, attributes: Attributes, target: Target): string => {
  const pairs = attributes.filter(([, value]) => labelText(value) !== '').map(labelPair)
  return `${target.job}\0${target.instance}\0${name}{${pairs.sort().join(',')}}`
}

/** The target labels of a resource. */
export const targetOf = (resource: DecodedResource): Target => {
  const attribute = (wanted: string) => labelText(resource.attributes.find(([key]) => key === wanted)?.[1] ?? null)
  const namespace = attribute('service.namespace')
  const name = attribute('service.name')
  return {
    job: namespace && name ? `${namespace}/${name}` : name,
    instance: attribute('service.instance.id'),
    info: resource.attributes
      .filter(([key]) => !targetKeys.has(key))
      .map(([key, value]) => [key.replaceAll('.', '_'), value]),
  }
}
