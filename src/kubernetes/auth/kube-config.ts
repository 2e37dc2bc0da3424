/** The only use of @kubernetes/client-node: kubeconfig files and their ways to authenticate. Loaded lazily because of its size. */

import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import type { RequestOptions } from 'node:https'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import type { Cluster, User } from '@kubernetes/client-node'
import { KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'
import type { ClusterAccess, ClusterOptions, Credentials } from './cluster-access.ts'
import { KubernetesConfigError } from './cluster-access.ts'

/** Where a configuration comes from, and how it is read again. */
interface Source {
  readonly name: string
  load(): KubeConfig
}

interface Chosen {
  readonly config: KubeConfig
  readonly cluster: Cluster
  readonly user: User
}

/** Opens the configuration at once, so that what is wrong with it is said before anything starts. */
export function openKubeConfig(options: ClusterOptions): ClusterAccess {
  const source = findSource(options)
  let chosen = choose(source, options)
  let isStale = false
  return {
    server: serverUrl(chosen.cluster, source),
    source: source.name,
    async credentials() {
      if (isStale) {
        chosen = choose(source, options)
        isStale = false
      }
      return readCredentials(chosen)
    },
    renew() {
      isStale = true
    },
  }
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
    `no cluster to be found: this is no pod, $KUBECONFIG is not set and ${homeFile} does not exist; set kubeconfig or apiserver`,
  )
}

function podSource(root: string): Source {
  return {
    name: 'the service account of this pod',
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
    load() {
      const config = new KubeConfig()
      config.loadFromClusterAndUser({ name: 'apiserver', server, skipTLSVerify: false }, { name: 'nobody' })
      return config
    },
  }
}

function fileSource(files: readonly string[]): Source {
  const name = `kubeconfig ${files.join(delimiter)}`
  return { name, load: () => mergeFiles(files) }
}

/** As kubectl merges: the first file to say something wins, files that do not exist are skipped unless there is one only. */
function mergeFiles(files: readonly string[]): KubeConfig {
  const present = files.length === 1 ? files : files.filter((file) => existsSync(file))
  if (present.length === 0) throw new KubernetesConfigError(`kubeconfig ${files.join(delimiter)}: no such files`)
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
      throw new Error('this is no kubeconfig: it has neither clusters nor contexts')
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
    throw problem(`context ${name} names the cluster ${JSON.stringify(context.cluster)}, which is not there`)
  const user = config.users.find((candidate) => candidate.name === context.user)
  if (!user) throw problem(`context ${name} names the user ${JSON.stringify(context.user)}, which is not there`)
  const chosen = { config, user, cluster: effectiveCluster(cluster, options.apiserver) }
  config.clusters = [chosen.cluster]
  checkFiles(chosen, problem)
  return chosen
}

/** The library refuses plain HTTP unless TLS is not to be verified, which then means nothing. */
function effectiveCluster(cluster: Cluster, apiserver: string | undefined): Cluster {
  const server = apiserver || cluster.server
  return { ...cluster, server, skipTLSVerify: cluster.skipTLSVerify || server.startsWith('http:') }
}

function checkFiles({ cluster, user }: Chosen, problem: (text: string) => Error): void {
  for (const file of [cluster.caFile, user.certFile, user.keyFile]) {
    try {
      if (file) accessSync(file, constants.R_OK)
    } catch (error) {
      throw problem(firstLine(error))
    }
  }
}

function serverUrl({ server }: Cluster, source: Source): URL {
  const url = URL.parse(server)
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw new KubernetesConfigError(`${source.name}: the server ${JSON.stringify(server)} is no http or https URL`)
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
