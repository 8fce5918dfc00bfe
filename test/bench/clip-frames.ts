// Reads a folder of clips the way the source does: every clip as rgb24 frames at grid size, for benches and training.

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What the frames are made to: cells and frames per second. */
export type ClipShape = { cols: number; rows: number; fps: number }

const CLIP = /\.(avi|mkv|mov|mp4|mpe?g|ogv|webm)$/i

/** Full paths of the clips in a folder, by name. Throws when there is none. */
export function listClips(folder: string): string[] {
  const clips = readdirSync(folder)
    .filter((name) => CLIP.test(name))
    .sort()
  if (clips.length === 0) throw new Error(`no clips in ${folder}`)
  return clips.map((name) => join(folder, name))
}

/** Up to `seconds` of a clip as frames of cols * rows * 3 bytes; each is overwritten by the next. */
export async function* clipFrames(
  clip: string,
  { cols, rows, fps }: ClipShape,
  seconds: number,
): AsyncGenerator<Uint8Array> {
  const filter = `fps=${fps}:round=near:start_time=0,scale=${cols}:${rows}:flags=area+accurate_rnd+full_chroma_int`
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-i', clip, '-t', String(seconds), '-an', '-vf', filter],
      ...['-fps_mode', 'passthrough', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exit = new Promise<number | null>((resolve, reject) => {
    ffmpeg.once('error', reject)
    ffmpeg.once('close', resolve)
  })
  const frame = new Uint8Array(cols * rows * 3)
  let filled = 0
  for await (const chunk of ffmpeg.stdout as AsyncIterable<Uint8Array>) {
    for (let from = 0; from < chunk.length; ) {
      const take = Math.min(frame.length - filled, chunk.length - from)
      frame.set(chunk.subarray(from, from + take), filled)
      from += take
      filled += take
      if (filled === frame.length) {
        yield frame
        filled = 0
      }
    }
  }
  const code = await exit
  if (code !== 0) throw new Error(`ffmpeg left with ${code} on ${clip}`)
}
