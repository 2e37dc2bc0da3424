import type { AnyResource } from './family.ts'

/** The plural name. Several versions of a custom resource, and a built-in one, may have the same: theirs has the API version too. */
export function resourceName({ plural, apiVersion, variant }: AnyResource): string {
  return variant === undefined ? plural : `${plural}.${apiVersion}`
}
