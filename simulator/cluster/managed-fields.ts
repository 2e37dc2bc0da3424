/** `managedFields` as a server tracks them. They are 40 % of the size of a real pod. */

/** One entry with the fields of the given parts. Shared parts share the result. */
export function managedBy(
  manager: string,
  time: string,
  parts: Readonly<Record<string, unknown>>,
  options: { readonly apiVersion?: string; readonly subresource?: string } = {},
): Record<string, unknown> {
  const { apiVersion = 'v1', subresource } = options
  const fieldsV1 = Object.fromEntries(Object.entries(parts).map(([name, part]) => [`f:${name}`, fieldsOf(part)]))
  const entry = { manager, operation: 'Update', apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 }
  return subresource === undefined ? entry : { ...entry, subresource }
}

const known = new WeakMap<object, Record<string, unknown>>()

/** The field set of a value, cached per object, so that pods of one template share it. */
function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return {}
  const remembered = known.get(value)
  if (remembered) return remembered
  const fields = Array.isArray(value) ? fieldsOfList(value) : fieldsOfObject(value)
  known.set(value, fields)
  return fields
}

function fieldsOfObject(value: object): Record<string, unknown> {
  return Object.fromEntries([
    ['.', {}],
    ...Object.entries(value).map(([name, part]) => [`f:${name}`, fieldsOf(part)] as const),
  ])
}

/** The keys that identify elements of Kubernetes lists. */
const keys = ['name', 'type', 'containerPort', 'mountPath', 'uid', 'ip', 'port']

function fieldsOfList(values: readonly unknown[]): Record<string, unknown> {
  const entries = values.flatMap((value) => {
    const key = keys.find((it) => typeof value === 'object' && value !== null && it in value)
    if (key === undefined) return []
    const id = JSON.stringify({ [key]: (value as Record<string, unknown>)[key] })
    return [[`k:${id}`, fieldsOf(value)] as const]
  })
  return Object.fromEntries([['.', {}], ...entries])
}
