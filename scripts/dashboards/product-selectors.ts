/** Selectors and expressions that the rows of the product's dashboard share. */

/** Self-metrics of the chosen instances. Pushed and scraped ones differ in `job`, those with names of KSM too. */
export const own = 'cluster=~"$cluster",job=~"$job",instance=~"$instance"'
/** For metrics with names of KSM, whose job is that of object state when they are pushed. */
export const ofAnyJob = 'cluster=~"$cluster",instance=~"$instance"'
/** The legend of a series that each instance has. */
export const instance = '{{instance}}'

export const rate = (metric: string, matchers = own) => `rate(${metric}{${matchers}}[$__rate_interval])`

/** Of a histogram, over all chosen instances. */
export const quantile = (q: number, metric: string) =>
  `histogram_quantile(${q}, sum by (le) (${rate(`${metric}_bucket`)}))`
