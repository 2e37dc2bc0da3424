/** What can be completed: commands, flags and their values, independent of the shell. */

import { describeFlags } from '../../config/flag-help.ts'
import { resourceNames } from '../../config/resource-names.ts'
import { withoutEffect } from '../../config/sections/compatibility.ts'
import type { Command, CommandOption, CommandOptions } from '../command.ts'

/** The value of a flag. */
export type FlagValue =
  /** None: a switch, which accepts only `=true` and `=false`. */
  | { readonly kind: 'none' }
  | { readonly kind: 'file' }
  /** One of these. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Several of these, separated by commas. */
  | { readonly kind: 'list'; readonly words: readonly string[] }
  | { readonly kind: 'any' }

/** A flag with its dashes. */
export interface FlagWord {
  readonly flag: string
  readonly value: FlagValue
  /** One line. */
  readonly doc: string
}

/** A command for completion. */
export interface CommandWord {
  readonly name: string
  readonly doc: string
  readonly flags: readonly FlagWord[]
  /** The possible words. */
  readonly words: readonly string[]
}

export interface Vocabulary {
  /** The first one is the default. */
  readonly commands: readonly CommandWord[]
}

/** All commands and flags that are declared. */
export function vocabularyOf(commands: readonly Command[]): Vocabulary {
  const flags = configurationFlags()
  const help: FlagWord = { flag: '--help', value: { kind: 'none' }, doc: 'show help' }
  const described = commands.map(({ name, summary, options, mainKeys, words }) => ({
    name,
    doc: summary,
    words: words?.() ?? [],
    flags: [
      ...Object.entries(options as CommandOptions).flatMap(ownFlags),
      ...(mainKeys === undefined ? [] : flags),
      help,
    ],
  }))
  const names = commands.map(({ name }) => name)
  return {
    commands: [
      ...described,
      { name: 'version', doc: 'Print the version', words: [], flags: [] },
      { name: 'help', doc: 'Show the help of a command', words: [...names, 'flags'], flags: [] },
    ],
  }
}

function configurationFlags(): FlagWord[] {
  const supported = describeFlags()
    .flatMap(({ flags }) => flags)
    .map(
      ({ key, flag, placeholder, description }): FlagWord => ({
        flag,
        value: flagValueOf(placeholder, key === 'resources'),
        doc: firstSentence(description),
      }),
    )
  const ignored = withoutEffect
    .filter(({ flag }) => flag.length > 1)
    .map(
      ({ flag, bare }): FlagWord => ({
        flag: `--${flag}`,
        value: { kind: bare ? 'none' : 'any' },
        doc: 'ignored; accepted for compatibility with kube-state-metrics',
      }),
    )
  return [...supported, ...ignored]
}

function ownFlags([name, { short, format, doc }]: readonly [string, CommandOption]): FlagWord[] {
  const value = flagValueOf(format.placeholder, false)
  return [{ flag: `--${name}`, value, doc }, ...(short === undefined ? [] : [{ flag: `-${short}`, value, doc }])]
}

function flagValueOf(placeholder: string, isResources: boolean): FlagValue {
  if (placeholder === '') return { kind: 'none' }
  if (isResources) return { kind: 'list', words: resourceNames }
  const parts = placeholder.split('|')
  if (parts.includes('path')) return { kind: 'file' }
  return parts.length > 1 ? { kind: 'words', words: parts } : { kind: 'any' }
}

const firstSentence = (text: string) => (/^.*?[.;:](?= |$)/.exec(text)?.[0] ?? text).replace(/[.;:]$/, '')
