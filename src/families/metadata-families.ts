/** Families that are read from the metadata of any object. */

import type { KubernetesObject, OwnerReference } from '../schemas/object-meta.ts'
import type { CopyFamily, Family, Stability } from './family.ts'
import type { Declared, LabelsOf } from './family-forms.ts'
import { copied, infoOfEach, timestamp, value } from './family-forms.ts'
import { parseGoFloat } from './parse-go-float.ts'

/** The creation time of the object; no sample when unset. */
export function created<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'stable',
): Family<T> {
  const help = `Unix time when the ${subject} was created.`
  return timestamp<T>({ name, help, stability, at: (object) => object.metadata.creationTimestamp })
}

/** The deletion time of the object: present while finalizers block the deletion. */
export function deletionTimestamp<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'alpha',
): Family<T> {
  const help = `Unix time when the deletion of the ${subject} was requested; absent otherwise.`
  return timestamp<T>({ name, help, stability, at: (object) => object.metadata.deletionTimestamp })
}

/** The generation of the object's spec. */
export function generation<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'stable',
): Family<T> {
  const help = `Generation of the ${subject}, incremented with every change of its spec.`
  return value<T>({ name, help, stability, of: (object) => object.metadata.generation })
}

const noOwner: OwnerReference = { kind: '', name: '', controller: undefined }
const noOwners: readonly OwnerReference[] = [noOwner]

/** The owners of an object, or one with empty kind and name if it has none. */
export function ownersOf({ metadata }: KubernetesObject): readonly OwnerReference[] {
  return metadata.ownerReferences.length > 0 ? metadata.ownerReferences : noOwners
}

const ownerLabels = {
  owner_kind: ({ kind }: OwnerReference) => kind,
  owner_name: ({ name }: OwnerReference) => name,
}

const ownerLabelsWithController = {
  ...ownerLabels,
  owner_is_controller: (reference: OwnerReference) =>
    reference === noOwner ? '' : String(reference.controller ?? false),
}

/** One row per owner, or one with empty labels if there is none; `owner_is_controller` unless `controllerLabel` is false. */
export function owner<T extends KubernetesObject>(
  declared: Declared & { readonly controllerLabel?: boolean },
): Family<T> {
  const { controllerLabel = true } = declared
  const labelsOfOwner: LabelsOf<OwnerReference, T> = controllerLabel ? ownerLabelsWithController : ownerLabels
  return infoOfEach<T, OwnerReference>({ ...declared, each: ownersOf, labels: labelsOfOwner })
}

/** The object's labels as `label_*`, filtered by `--metric-labels-allowlist`. */
export function labels<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'stable',
): CopyFamily<T> {
  const help = `Labels of the ${subject} selected by --metric-labels-allowlist; always 1.`
  const from = (object: T) => object.metadata.labels
  return copied<T>({ name, help, stability, prefix: 'label', selection: 'labels', from })
}

/** The object's annotations as `annotation_*`, filtered by `--metric-annotations-allowlist`. */
export function annotations<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'alpha',
): CopyFamily<T> {
  const help = `Annotations of the ${subject} selected by --metric-annotations-allowlist; always 1.`
  const from = (object: T) => object.metadata.annotations
  return copied<T>({ name, help, stability, prefix: 'annotation', selection: 'annotations', from })
}

/** The object's resource version as Go parses a float; no sample if it cannot be parsed. */
export function resourceVersion<T extends KubernetesObject>(
  name: string,
  subject: string,
  stability: Stability = 'alpha',
): Family<T> {
  const help = `Resource version of the ${subject}, as a number.`
  return value<T>({ name, help, stability, of: (object) => parseGoFloat(object.metadata.resourceVersion) })
}
