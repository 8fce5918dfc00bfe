// A live HLS stream that ffmpeg makes here and now, in the place of a station.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Writes `live.m3u8` into a folder: segments of one second, of which the list names twelve. */
export class LiveCamera {
  readonly #folder: string
  #ffmpeg: ChildProcess | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  get pid(): number | undefined {
    return this.#ffmpeg?.pid
  }

  /**
   * A new film goes on with the list of the one before, with a discontinuity where it begins. An advertisement is of another size
   * and rate, and its timestamps are five seconds further on than it is.
   */
  async film({ advertisement = false } = {}): Promise<void> {
    await this.stop()
    const picture = advertisement ? 'color=red:s=320x180:r=30' : 'testsrc2=s=160x120:r=24'
    const inputs = ['-re', '-f', 'lavfi', '-i', picture, '-re', '-f', 'lavfi', '-i', 'sine=440:r=48000']
    const codecs = '-c:v libx264 -preset ultrafast -g 24 -c:a aac'.split(' ')
    const list =
      '-f hls -hls_time 1 -hls_list_size 12 -hls_flags append_list+discont_start+omit_endlist'.split(' ')
    const offset = ['-output_ts_offset', advertisement ? '5' : '0']
    const output = join(this.#folder, 'live.m3u8')
    this.#ffmpeg = spawn(
      'ffmpeg',
      ['-v', 'error', '-nostdin', ...inputs, ...codecs, ...offset, ...list, output],
      {
        stdio: 'ignore',
      },
    )
  }

  /** Resolves when segment `number`, counted from 0, is there. */
  async segment(number: number): Promise<void> {
    while (!existsSync(join(this.#folder, `live${number}.ts`))) await sleep(100)
  }

  async stop(): Promise<void> {
    const child = this.#ffmpeg
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
