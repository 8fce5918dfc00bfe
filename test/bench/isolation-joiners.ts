// The process of the isolation bench whose viewers come and go. It is apart from those whose pictures are measured, and gives
// way to them: what its own key exchanges cost must not be taken for the server's doing.

import { setPriority } from 'node:os'
import { SimViewer } from '../sim/viewer.ts'

export type ToJoiners =
  /** All at once; they stay until `leave`. */
  | { type: 'burst'; url: string; cookie: string; viewers: number }
  | { type: 'leave' }
  /** One after the other, `atOnce` at a time; each leaves as soon as it has come. */
  | { type: 'churn'; url: string; cookie: string; viewers: number; atOnce: number }

export type FromJoiners = { type: 'joined'; failed: number } | { type: 'left' }

setPriority(10)

const say = (message: FromJoiners) => process.send?.(message)
let here: SimViewer[] = []

async function join(viewer: SimViewer): Promise<boolean> {
  try {
    await viewer.join()
    return true
  } catch {
    return false
  }
}

async function burst({ url, cookie, viewers }: Extract<ToJoiners, { type: 'burst' }>): Promise<void> {
  here = Array.from({ length: viewers }, () => new SimViewer({ url, cookie }))
  const joined = await Promise.all(here.map(join))
  say({ type: 'joined', failed: joined.filter((done) => !done).length })
}

async function churn({ url, cookie, viewers, atOnce }: Extract<ToJoiners, { type: 'churn' }>): Promise<void> {
  let left = viewers
  let failed = 0
  const comeAndGo = async () => {
    for (; left > 0; ) {
      left -= 1
      const viewer = new SimViewer({ url, cookie })
      if (!(await join(viewer))) failed += 1
      viewer.close()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, comeAndGo))
  say({ type: 'joined', failed })
}

process.on('message', (raw) => {
  const message = raw as ToJoiners
  switch (message.type) {
    case 'burst':
      void burst(message)
      break
    case 'churn':
      void churn(message)
      break
    case 'leave':
      for (const viewer of here.splice(0)) viewer.close()
      say({ type: 'left' })
      break
  }
})
process.on('disconnect', () => process.exit(0))
