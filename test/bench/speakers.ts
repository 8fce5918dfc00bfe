// Speakers that can be listened to from outside the browser: a PulseAudio server of our own whose only sink plays into nothing,
// on the machine's clock, and a recording of what that sink is given.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const RATE = 48_000
const LOUD = 1600
/** A beep is over after this much without a loud sample. */
const QUIET_SAMPLES = RATE / 50
/** Stretch whose promptest piece tells when its samples were played. */
const ENVELOPE_SAMPLES = 10 * RATE

export type Speakers = {
  /** For the browser's environment. */
  env: Record<string, string>
  /** When each beep so far began, in milliseconds of this process's `performance.now()`, late by a constant. */
  onsets: () => number[]
  close: () => Promise<void>
}

/** True where PulseAudio is installed. */
export function hasSpeakers(): boolean {
  try {
    for (const program of ['pulseaudio', 'parec']) execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Throws when the sound server does not come up. */
export async function openSpeakers(): Promise<Speakers> {
  const folder = mkdtempSync(join(tmpdir(), 'asciline-speakers-'))
  const address = `unix:${join(folder, 'native')}`
  const env = { PULSE_SERVER: address, XDG_RUNTIME_DIR: folder, PULSE_RUNTIME_PATH: folder, HOME: folder }
  const start = (program: string, args: string[]): ChildProcess =>
    spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] })
  const server = start('pulseaudio', [
    ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no', '--disallow-exit'],
    `--load=module-null-sink sink_name=asciline rate=${RATE} channels=2`,
    `--load=module-native-protocol-unix socket=${join(folder, 'native')} auth-anonymous=1`,
  ])
  await listening(env)
  const recorder = start('parec', [
    ...['--device=asciline.monitor', '--raw', '--format=s16le', '--channels=1', `--rate=${RATE}`],
    ...['--latency-msec=10', '--process-time-msec=5'],
  ])
  const ear = new Ear()
  recorder.stdout?.on('data', (bytes: Buffer) => ear.push(bytes, performance.now()))
  const ended = Promise.all(
    [server, recorder].map((child) => new Promise((done) => child.once('exit', done))),
  )
  return {
    env: { PULSE_SERVER: address },
    onsets: () => ear.onsets(),
    close: async () => {
      for (const child of [recorder, server]) child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listening(env: Record<string, string>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      execFileSync('pactl', ['info'], { env: { ...process.env, ...env }, stdio: 'ignore' })
      return
    } catch (error) {
      if (attempt === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** Samples in, onsets out. Pieces arrive late by what the machine has to do; the promptest of each stretch are the truth. */
class Ear {
  #samples = 0
  #odd: Buffer | undefined
  #loudAt = Number.NEGATIVE_INFINITY
  readonly #onsets: number[] = []
  /** Per stretch, the least of arrival minus what its samples say. */
  readonly #envelope: number[] = []

  push(piece: Buffer, now: number): void {
    const bytes = this.#odd === undefined ? piece : Buffer.concat([this.#odd, piece])
    const whole = bytes.length >> 1
    this.#odd = bytes.length % 2 === 0 ? undefined : bytes.subarray(-1)
    for (let i = 0; i < whole; i++) {
      if (Math.abs(bytes.readInt16LE(2 * i)) < LOUD) continue
      const at = this.#samples + i
      if (at - this.#loudAt > QUIET_SAMPLES) this.#onsets.push(at)
      this.#loudAt = at
    }
    this.#samples += whole
    const stretch = Math.floor(this.#samples / ENVELOPE_SAMPLES)
    const late = now - (this.#samples * 1000) / RATE
    this.#envelope[stretch] = Math.min(this.#envelope[stretch] ?? Number.POSITIVE_INFINITY, late)
  }

  onsets(): number[] {
    return this.#onsets.map(
      (at) => (at * 1000) / RATE + (this.#envelope[Math.floor(at / ENVELOPE_SAMPLES)] ?? this.#envelope[0]),
    )
  }
}
