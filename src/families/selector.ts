/** Label and field selectors in the notation of the Kubernetes API, as predicates. */

/** A selector that does not parse; the message says what is expected. */
export class SelectorError extends Error {}

type Labels = ReadonlyMap<string, string>

const key = String.raw`[A-Za-z0-9](?:[\w./-]*[A-Za-z0-9])?`
const equality = new RegExp(String.raw`^(${key})\s*(=|==|!=)\s*([\w.-]*)$`)
const membership = new RegExp(String.raw`^(${key})\s+(in|notin)\s*\(([^()]*)\)$`)
const existence = new RegExp(String.raw`^(!?)\s*(${key})$`)

/** `app=web,tier in (front, back),!legacy`; an empty text selects everything. Throws SelectorError. */
export function parseLabelSelector(text: string): (labels: Labels) => boolean {
  // A comma in parentheses is one between values.
  const requirements = text.split(/,(?![^(]*\))/).map((part) => part.trim())
  const tests = text.trim() === '' ? [] : requirements.map(parseRequirement)
  return (labels) => tests.every((matches) => matches(labels))
}

function parseRequirement(text: string): (labels: Labels) => boolean {
  const [, name = '', operator, value = ''] = equality.exec(text) ?? []
  if (operator !== undefined) return (labels) => (labels.get(name) === value) === (operator !== '!=')
  const [, member = '', relation, list = ''] = membership.exec(text) ?? []
  if (relation !== undefined) {
    const values = new Set(list.split(',').map((it) => it.trim()))
    return (labels) => {
      const found = labels.get(member)
      return (found !== undefined && values.has(found)) === (relation === 'in')
    }
  }
  const [, not, label] = existence.exec(text) ?? []
  if (label === undefined) {
    throw new SelectorError(`expected label requirements such as app=web, tier in (a, b) or !legacy, got "${text}"`)
  }
  return (labels) => labels.has(label) === (not === '')
}

/** `metadata.name=a,spec.mode!=off`; `read` yields the text of a field. An empty text selects everything. Throws SelectorError. */
export function parseFieldSelector(text: string): (read: (path: string) => string) => boolean {
  const terms = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, path, operator, value = ''] = /^\s*([^\s=!]+)\s*(!=|==|=)\s*(.*?)\s*$/.exec(part) ?? []
      if (path === undefined) {
        throw new SelectorError(`expected fields such as metadata.name=a or spec.mode!=off, got "${part.trim()}"`)
      }
      return { path, value, isEqual: operator !== '!=' }
    })
  return (read) => terms.every(({ path, value, isEqual }) => (read(path) === value) === isEqual)
}
