/** Queries of a Prometheus as Grafana makes them. */

import type { Labels } from './promtool.ts'

export interface PrometheusApi {
  /** The label sets and values of an instant query; a scalar is one result without labels. Throws with the error of Prometheus. */
  query(expression: string): Promise<readonly Sample[]>
  /** The values of a label on the series of a selector. */
  labelValues(selector: string, label: string): Promise<readonly string[]>
}

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: unknown
}

interface QueryData {
  readonly resultType: 'vector' | 'scalar'
  readonly result: unknown
}

export function createPrometheusApi(url: string): PrometheusApi {
  async function ask(path: string, parameters: Record<string, string>): Promise<unknown> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const { status, error, data } = (await response.json()) as Answer
    if (status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`)
    return data
  }
  return {
    async query(expression) {
      const { resultType, result } = (await ask('query', { query: expression })) as QueryData
      if (resultType === 'scalar') return [{ labels: {}, value: Number((result as [number, string])[1]) }]
      const samples = result as { metric: Labels; value: [number, string] }[]
      return samples.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
    labelValues: async (selector, label) =>
      (await ask(`label/${label}/values`, { 'match[]': selector })) as readonly string[],
  }
}
