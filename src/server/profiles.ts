/** Profiles of the running process on demand, for Chrome DevTools and other readers of V8's formats. */

import { Session } from 'node:inspector/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendText } from './http-server.ts'

/** Takes a profile between `start` and its end. */
interface Profiler {
  readonly file: string
  record(session: Session, duration: () => Promise<void>): Promise<object>
}

const profilers: Readonly<Record<string, Profiler>> = {
  '/debug/cpu-profile': {
    file: 'kube-state-otlp.cpuprofile',
    async record(session, duration) {
      await session.post('Profiler.enable')
      await session.post('Profiler.start')
      await duration()
      return (await session.post('Profiler.stop')).profile
    },
  },
  '/debug/heap-profile': {
    file: 'kube-state-otlp.heapprofile',
    async record(session, duration) {
      await session.post('HeapProfiler.startSampling')
      await duration()
      return (await session.post('HeapProfiler.stopSampling')).profile
    },
  },
}

const defaultSeconds = 30
/** For the response itself, within the time that a whole response may take. */
const marginSeconds = 5
const longestSeconds = 300

/**
 * Adds the routes. One profile is taken at a time, since a profile slows the process down. `writeMs` is the time that a
 * response may take, 0 for no limit.
 */
export function serveProfiles(server: FastifyInstance, writeMs: number): void {
  const maxSeconds =
    writeMs === 0 ? longestSeconds : Math.min(longestSeconds, Math.max(1, Math.floor(writeMs / 1000) - marginSeconds))
  let isTaken = false
  for (const [path, profiler] of Object.entries(profilers)) {
    // HEAD would take a profile and send nothing.
    server.get(path, { exposeHeadRoute: false }, async (request, reply) => {
      const seconds = secondsOf(request, maxSeconds)
      if (seconds === undefined) return sendText(reply, 400, `seconds: expected a number from 1 to ${maxSeconds}`)
      if (isTaken) return sendText(reply.header('retry-after', '30'), 429, 'another profile is being taken')
      isTaken = true
      try {
        return await sendProfile(profiler, seconds, reply)
      } finally {
        isTaken = false
      }
    })
  }
}

function secondsOf({ query }: FastifyRequest, max: number): number | undefined {
  const { seconds: given = Math.min(defaultSeconds, max) } = query as { seconds?: string }
  const seconds = Number(given)
  return seconds >= 1 && seconds <= max ? seconds : undefined
}

async function sendProfile({ file, record }: Profiler, seconds: number, reply: FastifyReply): Promise<FastifyReply> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const session = new Session()
  session.connect()
  try {
    const profile = await record(session, () =>
      sleep(seconds * 1000, undefined, { signal: gone.signal }).catch(() => {}),
    )
    return reply
      .type('application/json')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(JSON.stringify(profile))
  } finally {
    session.disconnect()
  }
}
