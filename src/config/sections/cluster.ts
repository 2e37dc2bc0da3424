/** Owns the keys that say which API server is watched, and how it is spoken to. */
import { url } from '../formats/address.ts'
import { duration } from '../formats/duration.ts'
import { boolean, integer, text } from '../formats/format.ts'
import { optional, setting } from '../setting.ts'

/** Keys of the API server and of the client that watches it. */
export const clusterSettings = {
  kubeconfig: optional({
    doc: 'Path of the kubeconfig file. Unless set: the service account of the pod, else $KUBECONFIG, else ~/.kube/config.',
    format: text('path'),
  }),
  context: optional({
    doc: 'Context of the kubeconfig to use in place of its current one.',
    format: text('name'),
  }),
  apiserver: optional({
    doc: 'URL of the API server, in place of the one that the kubeconfig or the service account names.',
    format: url,
  }),
  use_api_server_cache: setting({
    doc: "Take the first list from the API server's cache, which may be a little behind.",
    default: false,
    format: boolean,
    flag: 'use-apiserver-cache',
  }),
  object_limit: setting({
    doc: 'Objects that a list takes at most, per resource; 0 takes all. The rest is known once it changes.',
    default: 0,
    format: integer(0),
  }),
  'kubernetes.protobuf': setting({
    doc: 'Ask for built-in kinds as protobuf, which costs the API server and this process a fraction of what JSON does.',
    default: true,
    format: boolean,
  }),
  'kubernetes.watch_list': setting({
    doc: 'Stream the first list as a watch where the API server can (WatchList); pages of a list otherwise.',
    default: true,
    format: boolean,
  }),
  'kubernetes.page_limit': setting({
    doc: 'Objects in one page of a list.',
    default: 500,
    format: integer(1),
  }),
  'kubernetes.gzip': setting({
    doc: 'Ask for compressed answers. Saves network, costs CPU at both ends.',
    default: false,
    format: boolean,
  }),
  'kubernetes.silent_timeout': setting({
    doc: 'Open a watch anew when nothing came for so long. Bookmarks of idle kinds are up to two minutes apart.',
    default: 180_000,
    format: duration(1000),
  }),
}
