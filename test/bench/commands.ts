// From a command to its effect on a viewer's screen: npm run bench -- commands [--seeks 30] [--commands 100] [--preset med] [--json FILE]
//
// The real server, a 720p H.264 film with sound and keyframes five seconds apart, and a headless viewer over WebRTC. A seek
// counts from the POST to the first picture of the new place, the playout delay included; the places are the same every time.
// Pause counts to the last change of the picture, resume to the next one. `state` is from the POST of any of a hundred random
// commands of five clients to the status that names it, at each of the five.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { localTime } from '../../vendor/asciline/index.ts'
import { signIn, startOwnServer } from '../sim/own-server.ts'
import { SimViewer } from '../sim/viewer.ts'
import { ClipFolder } from '../src/source/clips.ts'
import { watchClients } from './command-clients.ts'

const SECONDS = 120
const FILM = [
  ...['-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=25', '-f', 'lavfi', '-i', 'sine=440:r=48000'],
  ...['-t', String(SECONDS), '-c:v', 'libx264', '-preset', 'veryfast', '-g', '125', '-c:a', 'aac'],
]
const GIVE_UP_MS = 10_000
const TICK_MS = 2
const PAUSES = 10

/** Throws when the server does not come up or a command has no effect within ten seconds. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seeks: { type: 'string', default: '30' },
      commands: { type: 'string', default: '100' },
      preset: { type: 'string', default: 'med' },
      json: { type: 'string' },
    },
  })
  const clips = await ClipFolder.open()
  await clips.make('film.mp4', FILM)
  const server = await startOwnServer(['--media', clips.path, '--preset', values.preset])
  try {
    const cookie = await signIn(server.url, server.pin)
    const screen = await Screen.open({ url: server.url, cookie })
    const seekMs: number[] = []
    for (let count = 0; count < Number(values.seeks); count++) {
      // Golden ratio: far jumps, and every distance to the keyframe before.
      const to = ((count * 0.618034) % 1) * (SECONDS - 10)
      seekMs.push(await screen.seek(to))
      await screen.watch(400)
    }
    const pauseMs: number[] = []
    const resumeMs: number[] = []
    await screen.seek(10)
    for (let count = 0; count < PAUSES; count++) {
      await screen.watch(700)
      pauseMs.push(await screen.pause())
      resumeMs.push(await screen.resume())
    }
    screen.close()
    const stateMs = await watchClients({ url: server.url, cookie, commands: Number(values.commands) })
    const report = {
      preset: values.preset,
      seek: spread(seekMs),
      pause: spread(pauseMs),
      resume: spread(resumeMs),
      state: spread(stateMs),
    }
    process.stdout.write(`${JSON.stringify(report)}\n`)
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  } finally {
    await server.close()
    await clips.close()
  }
}

function spread(ms: number[]) {
  const sorted = ms.map(Math.round).sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]
  return { count: ms.length, medianMs: at(0.5), p95Ms: at(0.95), worstMs: at(1) }
}

/** A viewer, and when its picture changed. */
class Screen {
  readonly #viewer: SimViewer
  readonly #url: string
  readonly #cookie: string
  readonly #timer: NodeJS.Timeout
  #shown = { epoch: -1, frame: -1, at: 0 }

  constructor({ viewer, url, cookie }: { viewer: SimViewer; url: string; cookie: string }) {
    this.#viewer = viewer
    this.#url = url
    this.#cookie = cookie
    this.#timer = setInterval(() => this.#look(), TICK_MS)
  }

  static async open({ url, cookie }: { url: string; cookie: string }): Promise<Screen> {
    const viewer = new SimViewer({ url, cookie })
    await viewer.join()
    const screen = new Screen({ viewer, url, cookie })
    await screen.#post('play', { query: 'film.mp4', from: 0 })
    await screen.#until(() => screen.#shown.frame > 10)
    return screen
  }

  async seek(to: number): Promise<number> {
    const { epoch } = this.#shown
    return this.#timed('seek', { to }, () => this.#shown.epoch > epoch)
  }

  async pause(): Promise<number> {
    const asked = performance.now()
    await this.#post('pause', {})
    await this.watch(500)
    return Math.max(0, this.#shown.at - asked)
  }

  async resume(): Promise<number> {
    const { frame } = this.#shown
    return this.#timed('resume', {}, () => this.#shown.frame > frame)
  }

  async watch(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms))
  }

  close(): void {
    clearInterval(this.#timer)
    this.#viewer.close()
  }

  async #timed(command: string, body: object, done: () => boolean): Promise<number> {
    const asked = performance.now()
    const answered = this.#post(command, body)
    await this.#until(done)
    await answered
    return this.#shown.at - asked
  }

  #look(): void {
    const at = performance.now()
    const shown = this.#viewer.player.tick(localTime(at))
    const epoch = this.#viewer.player.timeline?.epoch
    if (shown === undefined || epoch === undefined || !shown.fresh) return
    if (epoch === this.#shown.epoch && shown.frame === this.#shown.frame) return
    this.#shown = { epoch, frame: shown.frame, at }
  }

  async #until(done: () => boolean): Promise<void> {
    const deadline = performance.now() + GIVE_UP_MS
    while (!done()) {
      if (performance.now() > deadline) throw new Error('nothing changed on the screen within ten seconds')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  async #post(command: string, body: object): Promise<void> {
    const response = await fetch(new URL(`/api/${command}`, this.#url), {
      method: 'POST',
      headers: { cookie: this.#cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${command}: ${await response.text()}`)
  }
}
