import { url } from '../formats/address.ts'
import { duration } from '../formats/duration.ts'
import { boolean, integer, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** The API server and its client. */
export const clusterSettings = {
  kubeconfig: optional({
    doc: 'Path of the kubeconfig file. Default: the service account of the pod, then $KUBECONFIG, then ~/.kube/config.',
    format: text('path'),
  }),
  context: optional({
    doc: 'Context of the kubeconfig. Default: the current context.',
    format: text('name'),
  }),
  apiserver: optional({
    doc: 'URL of the API server. Default: from the kubeconfig or the service account.',
    format: url,
  }),
  use_api_server_cache: setting({
    doc: 'Read the initial list from the cache of the API server, which may be slightly outdated.',
    default: false,
    format: boolean,
    flag: 'use-apiserver-cache',
  }),
  object_limit: setting({
    doc: 'Maximum number of objects in the initial list of a resource; 0 for no limit. Other objects are seen when they change.',
    default: 0,
    format: integer(0),
  }),
  'kubernetes.protobuf': setting({
    doc: 'Request built-in kinds as protobuf, which needs much less CPU than JSON, here and in the API server.',
    default: true,
    format: boolean,
  }),
  'kubernetes.watch_list': setting({
    doc: 'Use streaming lists (WatchList) if the API server supports them, instead of paged lists.',
    default: true,
    format: boolean,
  }),
  'kubernetes.shard_selectors': setting({
    doc: 'Let the API server select the objects of this shard (shard selectors, alpha in Kubernetes 1.36). Shards are ranges of the hash of the UID then, not those of kube-state-metrics; all shards need the same value.',
    default: false,
    format: boolean,
  }),
  'kubernetes.page_limit': setting({
    doc: 'Number of objects in a page of a list.',
    default: 500,
    format: integer(1),
  }),
  'kubernetes.gzip': setting({
    doc: 'Request compressed responses. Reduces network traffic and increases CPU usage on both sides.',
    default: false,
    format: boolean,
  }),
  'kubernetes.silent_timeout': setting({
    doc: 'Restart a watch that has received nothing for this long. Bookmarks can be up to two minutes apart.',
    default: 180_000,
    format: duration(1000),
  }),
}
