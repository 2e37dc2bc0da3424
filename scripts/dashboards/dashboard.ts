/** A Grafana dashboard: variables, and rows of panels that are laid out from left to right. */
import type { Panel } from './panel.ts'
import { datasource, heights, renderPanel } from './panel.ts'

/** A variable with the values of a label. */
export interface LabelVariable {
  readonly name: string
  readonly label: string
  /** A selector, without spaces after commas. */
  readonly selector: string
  /** The label whose values are offered. */
  readonly of: string
  /** Several values, or all of them, which is the default then. */
  readonly multi: boolean
  /** What All stands for. Left out: the values that exist. `.*` also selects series without the label. */
  readonly allValue?: string
}

export interface Row {
  readonly title: string
  /** Closed when the dashboard opens, so that its queries run only on demand. */
  readonly collapsed?: boolean
  readonly panels: readonly Panel[]
}

export interface Dashboard {
  /** Of the address in Grafana; it never changes. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  readonly variables: readonly LabelVariable[]
  readonly rows: readonly Row[]
}

const columns = 24
/** Of Grafana 11; later ones migrate it. */
const schemaVersion = 39

/** The dashboard as a JSON file for import, provisioning, or the sidecar of the Grafana chart. */
export function renderDashboard({ uid, title, description, tags, variables, rows }: Dashboard): string {
  const dashboard = {
    uid,
    title,
    description,
    tags,
    schemaVersion,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: { list: [datasourceVariable, ...variables.map(renderVariable)] },
    panels: layOut(rows),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

const datasourceVariable = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  current: {},
  hide: 0,
  includeAll: false,
  multi: false,
  options: [],
  refresh: 1,
  regex: '',
}

function renderVariable({ name, label, selector, of, multi, allValue }: LabelVariable): object {
  const query = `label_values(${selector}, ${of})`
  const current = multi ? { selected: true, text: ['All'], value: ['$__all'] } : {}
  return {
    name,
    label,
    type: 'query',
    datasource,
    definition: query,
    query: { qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    current,
    hide: 0,
    includeAll: multi,
    multi,
    ...(allValue === undefined ? {} : { allValue }),
    options: [],
    // On a change of the time range: labels come and go.
    refresh: 2,
    regex: '',
    sort: 1,
  }
}

/** Rows with their panels, whose identifiers count up. The panels of a collapsed row are inside it. */
function layOut(rows: readonly Row[]): object[] {
  const rendered: object[] = []
  let id = 0
  let y = 0
  for (const { title, collapsed = false, panels } of rows) {
    id += 1
    const row = { id, type: 'row', title, collapsed, gridPos: { x: 0, y, w: columns, h: 1 } }
    y += 1
    const placed = placePanels(panels, y)
    const inside = placed.map(({ panel, position }) => {
      id += 1
      return renderPanel(panel, id, position)
    })
    rendered.push(...(collapsed ? [{ ...row, panels: inside }] : [{ ...row, panels: [] }, ...inside]))
    if (!collapsed) y = Math.max(y, ...placed.map(({ position }) => position.y + position.h))
  }
  return rendered
}

/** From left to right; a panel that does not fit begins a new line below the highest of the last. */
function placePanels(panels: readonly Panel[], top: number) {
  let [x, y, lineHeight] = [0, top, 0]
  return panels.map((panel) => {
    if (x + panel.width > columns) {
      y += lineHeight
      x = 0
      lineHeight = 0
    }
    const h = heights[panel.kind]
    const position = { x, y, w: panel.width, h }
    x += panel.width
    lineHeight = Math.max(lineHeight, h)
    return { panel, position }
  })
}
