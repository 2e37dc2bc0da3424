/** The public library: the engine to embed, and the builders of resources and families. */

export type { Settings } from './config/schema.ts'
export { familiesOf } from './families/builders.ts'
export { resources as builtInResources } from './families/built-in-resources.ts'
export {
  type AnyResource,
  type Family,
  type KubernetesObject,
  type Resource,
  resource,
} from './families/family.ts'
export { KubernetesConfigError } from './kubernetes/auth/cluster-access.ts'
export {
  type ListenAddress,
  SettingsError,
  type StateMetrics,
  type StateMetricsOptions,
  startStateMetrics,
} from './runtime/embed.ts'
export { type Condition, ObjectMeta, OwnerReference } from './schemas/object-meta.ts'
export { quantityAsApproximateFloat, quantityMilliValue, quantityValue } from './schemas/quantity.ts'
export {
  bool,
  byteLength,
  exactInt,
  int,
  intOrString,
  list,
  map,
  message,
  microTime,
  type ObjectOf,
  pointer,
  quantity,
  type Schema,
  schema,
  string,
  time,
} from './schemas/schema.ts'
export { ListenError } from './server/listen-error.ts'
