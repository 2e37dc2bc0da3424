/** Owns what the package exports: the engine to embed, and the words in which resources and families are declared. */

export { type Condition, ObjectMeta, OwnerReference } from './api/object-meta.ts'
export { quantityAsApproximateFloat, quantityMilliValue, quantityValue } from './api/quantity.ts'
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
} from './api/schema.ts'
export { SettingsError, type StateMetrics, type StateMetricsOptions, startStateMetrics } from './app/embed.ts'
export { familiesOf } from './families/builders.ts'
export {
  type AnyResource,
  type Family,
  type KubernetesObject,
  type Resource,
  resource,
} from './families/family.ts'
export { resources as builtInResources } from './families/resources.ts'
export { KubernetesConfigError } from './kubernetes/cluster-access.ts'
export { ListenError } from './server/http-server.ts'
