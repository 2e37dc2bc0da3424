/** The labels that entries give to all their rules, and those that all entries for a kind give. */

import { isDeepStrictEqual } from 'node:util'
import type { CommonLabels, LabelSet } from '../families/family.ts'
import type { LabelPaths, ResourceDeclaration, RuleDeclaration } from './configuration.ts'
import { labelNameOf, ObjectLabels } from './object-labels.ts'
import { compilePathLabels } from './path-labels.ts'
import { SampleLabels } from './sample-labels.ts'
import type { ServedKind } from './served-kind.ts'

/** The labels of an entry's samples of a kind, with those of a rule. */
export function compileObjectLabels(
  kind: ServedKind,
  entry: ResourceDeclaration,
  rule?: Pick<RuleDeclaration, 'commonLabels' | 'labelsFromPath'>,
): ObjectLabels {
  const constants = new Map([...constantsOf(kind, entry), ...(rule?.commonLabels ?? [])])
  const paths: LabelPaths = new Map([...entry.labelsFromPath, ...(rule?.labelsFromPath ?? [])])
  return new ObjectLabels(constants, compilePathLabels(paths))
}

function constantsOf({ group, version, kind }: ServedKind, entry: ResourceDeclaration): Map<string, string> {
  const prefix = entry.isOfMonitor ? '' : 'customresource_'
  return new Map([
    ...entry.commonLabels,
    [`${prefix}group`, group],
    [`${prefix}version`, version],
    [`${prefix}kind`, kind],
  ])
}

/** The labels that all entries give to their rules; those of one entry alone are `labels`. */
export function compileCommonLabels(
  kind: ServedKind,
  entries: readonly { readonly declared: ResourceDeclaration; readonly labels: ObjectLabels }[],
): CommonLabels<unknown> {
  const [only, ...others] = entries
  const labels =
    only !== undefined && others.length === 0
      ? only.labels
      : labelsOfAll(
          kind,
          entries.map(({ declared }) => declared),
        )
  const sample = new SampleLabels(labels)
  let common: LabelSet = { names: [], values: [] }
  const keep = (_value: number, names: readonly string[], values: readonly string[]) => {
    common = { names, values }
  }
  return {
    constants: new Map([...labels.constants].map(([key, value]) => [labelNameOf(key), value])),
    read(object) {
      labels.begin(object)
      sample.beginSample()
      sample.observe(0, keep)
      return common
    },
  }
}

function labelsOfAll(kind: ServedKind, entries: readonly ResourceDeclaration[]): ObjectLabels {
  const constants = sharedBy(entries.map((entry) => constantsOf(kind, entry)))
  return new ObjectLabels(constants, compilePathLabels(sharedBy(entries.map(({ labelsFromPath }) => labelsFromPath))))
}

/** What all maps have, with equal values. */
function sharedBy<T>([first, ...others]: readonly ReadonlyMap<string, T>[]): Map<string, T> {
  return new Map(
    [...(first ?? [])].filter(([key, value]) => others.every((other) => isDeepStrictEqual(other.get(key), value))),
  )
}
