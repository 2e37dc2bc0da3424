/** The only use of @kubernetes/client-node: kubeconfig files and their ways to authenticate. Loaded lazily because of its size. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { Agent } from 'node:http'
import type { RequestOptions } from 'node:https'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import type { Cluster, User } from '@kubernetes/client-node'
import { KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'
import type { ClusterAccess, ClusterOptions, Credentials } from './cluster-access.ts'
import { KubernetesConfigError } from './cluster-access.ts'

/** Where a configuration comes from, and how it is read. */
interface Source {
  readonly name: string
  /** Files that it consists of, whether they exist or not. */
  readonly files: readonly string[]
  load(): KubeConfig
}

interface Chosen {
  readonly config: KubeConfig
  readonly cluster: Cluster
  readonly user: User
  /** Contents of the files of the authority, the certificate and the key. */
  readonly material: readonly string[]
}

/** Reads the configuration at once, so that a problem is reported before anything starts. Throws KubernetesConfigError. */
export function openKubeConfig(options: ClusterOptions): ClusterAccess {
  const source = findSource(options)
  let chosen = choose(source, options)
  let server = serverUrl(chosen.cluster, source)
  let state = fileState(source, chosen)
  let generation = 1
  let isStale = false

  /** A configuration that cannot be used, as in the middle of an edit, changes nothing. */
  function readAgain(): void {
    try {
      const next = choose(source, options)
      server = serverUrl(next.cluster, source)
      if (identityOf(next) !== identityOf(chosen)) generation++
      chosen = next
      state = fileState(source, chosen)
      isStale = false
    } catch (problem) {
      if (!(problem instanceof KubernetesConfigError)) throw problem
      options.onUnusable?.(problem)
    }
  }

  return {
    get generation() {
      return generation
    },
    get server() {
      return server
    },
    source: source.name,
    async credentials() {
      if (isStale) readAgain()
      return readCredentials(chosen)
    },
    renew() {
      isStale = true
    },
    renewIfChanged() {
      if (fileState(source, chosen) !== state) isStale = true
    },
  }
}

/** Another value means another generation. Files of authorities, certificates and keys count by their content. */
function identityOf({ cluster, user, material }: Chosen): string {
  return JSON.stringify([cluster, user, material])
}

/** Changes with every change of the files: inode, size and modification time of each. */
function fileState({ files }: Source, { cluster, user }: Chosen): string {
  const paths = [...files, ...materialFiles(cluster, user)]
  return paths
    .map((path) => {
      const { ino, size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {}
      return `${ino} ${size} ${mtimeMs}`
    })
    .join('|')
}

function materialFiles({ caFile }: Cluster, { certFile, keyFile }: User): string[] {
  return [caFile, certFile, keyFile].filter((path) => path !== undefined)
}

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

function findSource(options: ClusterOptions): Source {
  const environment = options.environment ?? process.env
  const root = options.serviceAccountRoot ?? ''
  if (options.kubeconfig) return fileSource([options.kubeconfig])
  if (environment.KUBERNETES_SERVICE_HOST && existsSync(`${root}${accountFolder}/token`)) return podSource(root)
  const files = (environment.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '')
  if (files.length > 0) return fileSource(files)
  const homeFile = join(environment.HOME || homedir(), '.kube', 'config')
  if (existsSync(homeFile)) return fileSource([homeFile])
  if (options.apiserver) return bareSource(options.apiserver)
  throw new KubernetesConfigError(
    `no cluster found: not running in a pod, $KUBECONFIG is not set and ${homeFile} does not exist; set kubeconfig or apiserver`,
  )
}

function podSource(root: string): Source {
  return {
    name: 'the service account of this pod',
    // The token is reread every minute; the authority's file is one of the cluster's.
    files: [],
    load() {
      const config = new KubeConfig()
      config.loadFromCluster(root)
      return config
    },
  }
}

function bareSource(server: string): Source {
  return {
    name: 'apiserver alone',
    files: [],
    load() {
      const config = new KubeConfig()
      config.loadFromClusterAndUser({ name: 'apiserver', server, skipTLSVerify: false }, { name: 'nobody' })
      return config
    },
  }
}

function fileSource(files: readonly string[]): Source {
  const name = `kubeconfig ${files.join(delimiter)}`
  return { name, files, load: () => mergeFiles(files) }
}

/** As kubectl merges: the first file to say something wins, files that do not exist are skipped unless there is one only. */
function mergeFiles(files: readonly string[]): KubeConfig {
  const present = files.length === 1 ? files : files.filter((file) => existsSync(file))
  if (present.length === 0) throw new KubernetesConfigError(`kubeconfig ${files.join(delimiter)}: file not found`)
  const [first, ...others] = present.map(readFile) as [KubeConfig, ...KubeConfig[]]
  for (const other of others) {
    first.clusters.push(...other.clusters)
    first.contexts.push(...other.contexts)
    first.users.push(...other.users)
    first.currentContext ||= other.currentContext
  }
  return first
}

function readFile(file: string): KubeConfig {
  try {
    const text = readFileSync(file, 'utf8')
    const content: unknown = parse(text)
    if (typeof content !== 'object' || content === null || !('clusters' in content || 'contexts' in content)) {
      throw new Error('not a kubeconfig: it has neither clusters nor contexts')
    }
    const config = new KubeConfig()
    config.loadFromString(text)
    config.makePathsAbsolute(dirname(file))
    addTokenFiles(config, content, dirname(file))
    return config
  } catch (error) {
    throw new KubernetesConfigError(`kubeconfig ${file}: ${firstLine(error)}`)
  }
}

/** The library knows token files of pods only; kubeconfig users may have one too. */
function addTokenFiles(config: KubeConfig, content: object, folder: string): void {
  const users = (content as { users?: { name?: string; user?: { tokenFile?: string } }[] }).users ?? []
  for (const { name, user } of users) {
    const index = config.users.findIndex((candidate) => candidate.name === name)
    const known = config.users[index]
    if (!user?.tokenFile || !known) continue
    const tokenFile = isAbsolute(user.tokenFile) ? user.tokenFile : join(folder, user.tokenFile)
    config.users[index] = { ...known, authProvider: { name: 'tokenFile', config: { tokenFile } } }
  }
}

function choose(source: Source, options: ClusterOptions): Chosen {
  const config = source.load()
  const problem = (text: string) => new KubernetesConfigError(`${source.name}: ${text}`)
  const names = config.contexts.map(({ name }) => name)
  const choices = names.length > 0 ? `choose one of ${names.join(', ')}` : 'it has no contexts'
  const name = options.context || config.currentContext
  if (!name) throw problem(`no current context is set; ${choices}`)
  const context = config.contexts.find((candidate) => candidate.name === name)
  if (!context) throw problem(`context ${JSON.stringify(name)} does not exist; ${choices}`)
  config.setCurrentContext(name)
  const cluster = config.clusters.find((candidate) => candidate.name === context.cluster)
  if (!cluster)
    throw problem(`context ${name} names the cluster ${JSON.stringify(context.cluster)}, which does not exist`)
  const user = config.users.find((candidate) => candidate.name === context.user)
  if (!user) throw problem(`context ${name} names the user ${JSON.stringify(context.user)}, which does not exist`)
  const effective = effectiveCluster(cluster, options.apiserver)
  config.clusters = [effective]
  return { config, user: { ...user }, cluster: effective, material: readMaterial(effective, user, problem) }
}

/** The library refuses plain HTTP unless TLS is not to be verified, which then means nothing. */
function effectiveCluster(cluster: Cluster, apiserver: string | undefined): Cluster {
  const server = apiserver || cluster.server
  return { ...cluster, server, skipTLSVerify: cluster.skipTLSVerify || server.startsWith('http:') }
}

function readMaterial(cluster: Cluster, user: User, problem: (text: string) => Error): string[] {
  return materialFiles(cluster, user).map((file) => {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw problem(firstLine(error))
    }
  })
}

function serverUrl({ server }: Cluster, source: Source): URL {
  const url = URL.parse(server)
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw new KubernetesConfigError(`${source.name}: the server ${JSON.stringify(server)} is not an http or https URL`)
}

async function readCredentials({ config, cluster }: Chosen): Promise<Credentials> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const headers: Record<string, string> = {}
  if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file ends with a line feed as often as not.
    headers[name.toLowerCase()] = String(value).trim()
  }
  const { ca, cert, key, servername, rejectUnauthorized } = options
  const tls = Object.fromEntries(
    Object.entries({ ca, cert, key, servername, rejectUnauthorized }).filter(([, value]) => value !== undefined),
  )
  const proxyAgent = cluster.proxyUrl && options.agent instanceof Agent ? options.agent : undefined
  return { tls, headers, proxyAgent }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0] ?? ''
}
