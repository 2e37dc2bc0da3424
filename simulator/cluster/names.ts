/** The names of namespaces and apps. */

import type { Random } from './random.ts'

const teams = [
  'shop',
  'billing',
  'search',
  'media',
  'identity',
  'mail',
  'maps',
  'data',
  'edge',
  'support',
  'ledger',
  'labs',
]
const stages = ['prod', 'staging', 'dev']
const nouns = ['cart', 'orders', 'catalog', 'pricing', 'index', 'ranker', 'upload', 'session', 'queue', 'gateway']
const nounsOfTrade = [
  'stock',
  'report',
  'invoice',
  'profile',
  'review',
  'router',
  'archive',
  'metrics',
  'notifier',
  'sync',
]
const roles = ['api', 'worker', 'web', 'consumer', 'cache', 'proxy']

/** This many distinct namespace names. */
export function namespaceNames(count: number): string[] {
  const names: string[] = []
  for (let index = 0; names.length < count; index++) {
    const round = Math.floor(index / (teams.length * stages.length))
    const environment = stages[Math.floor(index / teams.length) % stages.length]
    names.push(`${teams[index % teams.length]}-${environment}${round === 0 ? '' : `-${round + 1}`}`)
  }
  return names
}

/** Returns a name that is not in the set, and adds it. */
export function newAppName(random: Random, used: Set<string>): string {
  const base = `${random.pick([...nouns, ...nounsOfTrade])}-${random.pick(roles)}`
  let name = base
  for (let count = 2; used.has(name); count++) name = `${base}-${count}`
  used.add(name)
  return name
}

/** A random image tag. */
export const newVersion = (random: Random): string => `${random.int(1, 9)}.${random.int(0, 30)}.${random.int(0, 99)}`
