/** What a run says before it builds anything. */

import { describe, expect, it } from 'vitest'
import type { FoundProgram } from '../../../scripts/control-plane/find-programs.ts'
import { allPrograms, goSources } from '../../../scripts/control-plane/go-sources.ts'
import { describeSearch, explainGo, minutesToBuild } from '../../../scripts/control-plane/missing-programs.ts'

const found = (name: string, place: FoundProgram['place']): FoundProgram => ({
  name,
  path: `/somewhere/${name}`,
  place,
})

describe('what is missing', () => {
  it('says where the programs are, and nothing about a build, when all are there', () => {
    const search = {
      found: [found('etcd', 'PEERS_BIN'), found('kwok', 'PATH'), found('helm', 'PEERS_BIN')],
      missing: [],
    }
    expect(describeSearch(search, '/cache')).toBe('programs from PEERS_BIN: etcd, helm\nprograms from PATH: kwok')
  })

  it('names the missing programs with their versions, the minutes, Go and the folder', () => {
    const text = describeSearch({ found: [found('etcd', 'cache')], missing: ['kwok', 'promtool'] }, '/cache')
    expect(text).toContain('programs from cache: etcd')
    expect(text).toMatch(/missing: kwok \(v0\.\d+\.\d+\), promtool \(v0\.\d+\.\d+\)$/m)
    expect(text).toContain(`about ${minutesToBuild(['kwok', 'promtool'])} minutes on two cores`)
    expect(text).toContain('needs Go 1.26')
    expect(text).toContain('kept in /cache')
  })

  it('counts programs that are built together once', () => {
    const [kubernetes] = goSources.filter(({ name }) => name === 'kubernetes')
    expect(minutesToBuild(['kube-apiserver', 'kube-scheduler'])).toBe(kubernetes?.minutes)
    expect(minutesToBuild(allPrograms)).toBe(goSources.reduce((sum, { minutes }) => sum + minutes, 0))
  })
})

describe('Go', () => {
  it('is missing', () => expect(explainGo(undefined)).toMatch(/^Go is not installed: install Go 1\.26 .* PEERS_BIN/))

  it.each(['go version go1.26.8 linux/amd64', 'go version go1.27.0 darwin/arm64', 'go version go2.0 linux/amd64'])(
    'is new enough: %s',
    (answer) => {
      expect(explainGo(answer)).toBeUndefined()
      expect(explainGo(answer, 'local')).toBeUndefined()
    },
  )

  it('downloads a newer one itself, unless it must not', () => {
    expect(explainGo('go version go1.21.4 linux/amd64')).toBeUndefined()
    expect(explainGo('go version go1.21.4 linux/amd64', 'local')).toContain('Go 1.21.4 is too old')
    expect(explainGo('go version go1.19.8 linux/amd64')).toContain('Go 1.19.8 is too old')
  })
})
