/** The text of the Go modules in which programs are built: nothing of them but versions is in this repository. */

import type { GoSource } from './go-sources.ts'

/** A module that requires the source alone; Go completes it. */
export function moduleOf({ module, version }: Pick<GoSource, 'module' | 'version'>, goVersion: string): string {
  return `module control-plane\n\ngo ${goVersion}.0\n\nrequire ${module} ${version}\n`
}

/**
 * The module of a version of Kubernetes requires its parts as v0.0.0 and takes them from its own tree. Here they come from
 * their own modules, and everything else has the versions that Kubernetes itself is built with.
 *
 * @param version such as `v1.36.3`
 * @param original the text of its go.mod
 */
export function kubernetesModule(version: string, original: string): string {
  const partVersion = version.replace(/^v1\./, 'v0.')
  const lines = original.split('\n').map((line) => line.trim())
  const directives = lines.filter((line) => /^(go|godebug) /.test(line))
  const required = lines.flatMap((line) => /^(\S+ v\S+)(?: \/\/ indirect)?$/.exec(line)?.[1] ?? [])
  const isPart = (requirement: string) => requirement.endsWith(' v0.0.0')
  const parts = required.filter(isPart).map((requirement) => requirement.replace(/v0\.0\.0$/, partVersion))
  const others = required.filter((requirement) => !isPart(requirement) && !requirement.startsWith('module '))
  const replaced = lines.flatMap((line) => /^(?:replace )?(k8s\.io\/\S+) => \.\/staging/.exec(line)?.[1] ?? [])
  return [
    'module control-plane',
    ...directives,
    'require (',
    ...new Set([`k8s.io/kubernetes ${version}`, ...parts, ...others]),
    ')',
    'replace (',
    ...new Set(replaced.map((part) => `${part} => ${part} ${partVersion}`)),
    ')',
    '',
  ].join('\n')
}

/** The manifest of the Collector's builder: JSON, which is YAML too. */
export function collectorManifest({ version, components }: GoSource, outputPath: string): string {
  const gomods = Object.entries(components ?? {}).map(([kind, modules]) => [
    kind,
    modules.map((module) => ({ gomod: `${module} ${version}` })),
  ])
  const dist = { name: 'otelcol', version: version.replace('v', ''), output_path: outputPath }
  return JSON.stringify({ dist, ...Object.fromEntries(gomods) }, undefined, 2)
}
