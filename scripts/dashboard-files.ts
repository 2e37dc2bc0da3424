/** The Grafana dashboards, whose panels are declared in scripts/dashboards. */
import { clusterDashboard } from './dashboards/cluster.ts'
import type { Dashboard } from './dashboards/dashboard.ts'
import { renderDashboard } from './dashboards/dashboard.ts'
import { productDashboard } from './dashboards/product.ts'

export const dashboards: readonly Dashboard[] = [productDashboard, clusterDashboard]

/** Where a dashboard is in the project. */
export const pathOf = ({ uid }: Dashboard): string => `dashboards/${uid}.json`

/** Functions that return the content of a file, by its path in the project. */
export const dashboardFiles: Readonly<Record<string, () => string>> = Object.fromEntries(
  dashboards.map((dashboard) => [pathOf(dashboard), () => renderDashboard(dashboard)]),
)
