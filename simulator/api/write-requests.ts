/** Applies POST, PUT and DELETE of one object; patches and collections are not supported. */

import type { Refusal } from './api-status.ts'
import { alreadyExists, badRequest, conflict, methodNotAllowed, notFound } from './api-status.ts'
import type { ApiObject, KindDefinition } from './kinds.ts'
import type { ObjectStore } from './object-store.ts'
import type { ApiRequest, ResourcePath } from './request.ts'

/** The response: the object, with status 201 if it is new. */
export interface Written {
  readonly status: 200 | 201
  readonly object: ApiObject
}

/** Applies a write request, or returns the error. */
export function applyWrite(store: ObjectStore, kind: KindDefinition, request: ApiRequest): Written | Refusal {
  const resource = request.resource as ResourcePath
  const { verb } = request
  if ((verb === 'create') !== (resource.name === undefined)) return methodNotAllowed()
  if (verb === 'delete') return remove(store, resource)
  const given = request.body as ApiObject | undefined
  if (typeof given?.metadata?.name !== 'string') return badRequest('the body is not an object with a name')
  const { namespace } = resource
  const metadata = kind.namespaced && namespace !== undefined ? { ...given.metadata, namespace } : given.metadata
  const object = { ...given, metadata }
  if (verb === 'create') return create(store, resource, object)
  if (resource.name !== metadata.name) return badRequest('the name in the path is not the name of the object')
  return update(store, resource, object)
}

function create(store: ObjectStore, resource: ResourcePath, object: ApiObject): Written | Refusal {
  const { name } = object.metadata
  if (store.get(resource.plural, object.metadata)) return alreadyExists({ ...resource, name })
  const { uid, creationTimestamp, resourceVersion, ...metadata } = object.metadata
  return { status: 201, object: store.create(resource.plural, { ...object, metadata }) }
}

function update(store: ObjectStore, resource: ResourcePath, object: ApiObject): Written | Refusal {
  const existing = store.get(resource.plural, object.metadata)
  if (!existing) return notFound(resource)
  const { resourceVersion = '' } = object.metadata
  if (resourceVersion !== '' && resourceVersion !== existing.metadata.resourceVersion) return conflict(resource)
  return { status: 200, object: store.update(resource.plural, object) }
}

function remove(store: ObjectStore, resource: ResourcePath): Written | Refusal {
  const { plural, name = '', namespace } = resource
  const key = namespace === undefined ? { name } : { name, namespace }
  if (!store.get(plural, key)) return notFound(resource)
  return { status: 200, object: store.delete(plural, key) }
}
