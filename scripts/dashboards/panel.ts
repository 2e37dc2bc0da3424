/** Panels of a Grafana dashboard: what a dashboard declares, and the JSON that Grafana reads. */

/** One query of a panel. A legend names labels of the result, such as `{{instance}}`. */
export interface Target {
  readonly expr: string
  readonly legend?: string
}

/** Unit identifiers of Grafana that are used here. */
export type Unit = 'short' | 'none' | 's' | 'bytes' | 'Bps' | 'reqps' | 'ops' | 'cps' | 'percentunit'

export interface Panel {
  readonly kind: 'stat' | 'timeseries' | 'table'
  readonly title: string
  /** One or two sentences for the information icon of the panel. */
  readonly description: string
  readonly targets: readonly Target[]
  readonly unit: Unit
  /** Columns, of the 24 that a row has. */
  readonly width: number
  /** From this value on the panel is orange, and from the second one red. Left out: no colors. */
  readonly thresholds?: readonly [warning: number, critical: number]
  readonly stacked?: boolean
}

export interface GridPosition {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

type Declared = Omit<Panel, 'kind' | 'width'>

/** A single number, six in a row. */
export const stat = (panel: Declared): Panel => ({ ...panel, kind: 'stat', width: 4 })

/** Lines over time, two in a row unless the width says otherwise. */
export const line = (panel: Declared & { readonly width?: number }): Panel => ({
  width: 12,
  ...panel,
  kind: 'timeseries',
})

/** The present value of each series, as a line of a table, two tables in a row. */
export const table = (panel: Omit<Declared, 'unit'> & { readonly width?: number }): Panel => ({
  width: 12,
  ...panel,
  kind: 'table',
  unit: 'none',
})

/** Rows of the grid that a panel of the kind takes. */
export const heights: Readonly<Record<Panel['kind'], number>> = { stat: 4, timeseries: 8, table: 8 }

export const datasource = { type: 'prometheus', uid: `\${datasource}` }

/** The panel as Grafana reads it. */
export function renderPanel(panel: Panel, id: number, gridPos: GridPosition): object {
  const { kind, title, description } = panel
  const targets = panel.targets.map((target, i) => renderTarget(target, refIdOf(i), kind))
  return { id, type: kind, title, description, gridPos, datasource, targets, ...renderings[kind](panel) }
}

/** A, B, C, … */
const refIdOf = (index: number) => String.fromCharCode(65 + index)

/**
 * Each series is pushed once a minute. Grafana takes `$__rate_interval` from this step; from the usual scrape interval of a data source it
 * would be a minute, in which a rate has a single sample.
 */
const step = '1m'

function renderTarget({ expr, legend }: Target, refId: string, kind: Panel['kind']): object {
  const form = kind === 'timeseries' ? { range: true, interval: step } : { instant: true, range: false }
  const format = kind === 'table' ? { format: 'table' } : {}
  return { refId, datasource, expr, legendFormat: legend ?? '__auto', ...form, ...format }
}

const renderings: Readonly<Record<Panel['kind'], (panel: Panel) => object>> = {
  stat: (panel) => ({
    fieldConfig: { defaults: { unit: panel.unit, thresholds: renderThresholds(panel) }, overrides: [] },
    options: {
      colorMode: panel.thresholds === undefined ? 'none' : 'value',
      graphMode: 'none',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
    },
  }),
  timeseries: (panel) => ({
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        min: 0,
        thresholds: renderThresholds(panel),
        custom: {
          drawStyle: 'line',
          fillOpacity: panel.stacked ? 30 : 0,
          lineWidth: 1,
          showPoints: 'never',
          spanNulls: false,
          stacking: { group: 'A', mode: panel.stacked ? 'normal' : 'none' },
          thresholdsStyle: { mode: panel.thresholds === undefined ? 'off' : 'dashed' },
        },
      },
      overrides: [],
    },
    options: {
      legend: { calcs: ['lastNotNull', 'max'], displayMode: 'table', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  }),
  table: (panel) => ({
    fieldConfig: { defaults: { unit: panel.unit, custom: { align: 'auto' } }, overrides: [] },
    options: { showHeader: true, sortBy: [{ displayName: 'Value', desc: true }] },
    transformations: [{ id: 'organize', options: { excludeByName: { Time: true }, renameByName: {} } }],
  }),
}

function renderThresholds({ thresholds }: Panel): object {
  const [warning, critical] = thresholds ?? []
  const colored =
    warning === undefined ? [] : [{ color: 'orange', value: warning }, ...[{ color: 'red', value: critical }]]
  return { mode: 'absolute', steps: [{ color: 'green', value: null }, ...colored] }
}
