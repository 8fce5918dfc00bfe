// Makes the clips the tests need, with ffmpeg, in a folder that goes with the test run; and small stand-ins for ffmpeg.

import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A folder of clips; `close` removes it. */
export class ClipFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  static async open(): Promise<ClipFolder> {
    return new ClipFolder(await mkdtemp(join(tmpdir(), 'asciline-clips-')))
  }

  /** Runs ffmpeg with `args` and the clip's path behind them. */
  async make(name: string, args: readonly string[]): Promise<string> {
    const path = join(this.path, name)
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args, path])
    return path
  }

  /** Writes a text file; `executable` for stand-ins that are run by their `#!` line. */
  async write(name: string, text: string, { executable = false } = {}): Promise<string> {
    const path = join(this.path, name)
    await writeFile(path, text)
    if (executable) await chmod(path, 0o755)
    return path
  }

  async close(): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** A picture that is white for 80 ms from every whole second on, else black, with a 1 kHz beep of the same length. */
export function flashAndBeep({ fps, seconds }: { fps: number; seconds: number }): string[] {
  const flash = `drawbox=w=iw:h=ih:color=white:t=fill:enable='lt(mod(n,${fps}),${Math.round(fps * 0.08)})*gte(n,${fps})'`
  const beep = `0.5*sin(2*PI*1000*n/48000)*lt(mod(n,48000),3840)*gte(n,48000)`
  return [
    ...['-f', 'lavfi', '-i', `color=black:s=160x120:r=${fps},${flash}`],
    ...['-f', 'lavfi', '-i', `aevalsrc='${beep}':s=48000`],
    ...['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '30', '-c:a', 'aac'],
  ]
}
