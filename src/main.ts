/** The process: prints what was asked for; alone may end the process. Runs when imported. */
import packageJson from '../package.json' with { type: 'json' }

if (process.argv.includes('--version')) {
  console.log(packageJson.version)
} else {
  console.error('kube-state-otlp: nothing to do, try --version')
  process.exitCode = 2
}
