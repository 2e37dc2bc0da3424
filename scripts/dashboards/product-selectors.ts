/** Selectors and expressions that the rows of the product's dashboard share. */

/** Self-metrics of the chosen instances. Pushed and scraped ones differ in `job`, those with names of KSM too. */
export const own = 'cluster=~"$cluster",job=~"$job",instance=~"$instance"'
/** For metrics with names of KSM, whose job is that of object state when they are pushed. */
export const ofAnyJob = 'cluster=~"$cluster",instance=~"$instance"'
/** The legend of a series that each instance has. */
export const instance = '{{instance}}'
/** The legend of a series that each instance has for each destination. */
export const ledger = '{{instance}} {{destination}}'

export const rate = (metric: string, matchers = own) => `rate(${metric}{${matchers}}[$__rate_interval])`

/** Of a histogram, over all chosen instances, by these labels. */
export const quantile = (q: number, metric: string, ...labels: readonly string[]) =>
  `histogram_quantile(${q}, sum by (${[...labels, 'le'].join(', ')}) (${rate(`${metric}_bucket`)}))`
