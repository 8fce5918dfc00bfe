// A server as somebody has it at home: films with subtitles, a site that answers (the stand-in for yt-dlp), and a browser
// in front of it, for the tests and the screenshots of the programme.

import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { signIn, startOwnServer } from '../sim/own-server.ts'

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures')
const run = promisify(execFile)

/** Words that name their own time, so that a test knows what should be read when. */
const subtitles = (language: string) =>
  Array.from({ length: 120 }, (_, second) => {
    const clock = (at: number) => `00:0${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')},000`
    return `${second + 1}\n${clock(second)} --> ${clock(second + 1)}\n${language} ${second}\n`
  }).join('\n')

export type Evening = Awaited<ReturnType<typeof startEvening>>

/** Starts it. `long.mp4` is two minutes of the city with English and German subtitles. */
export async function startEvening(flags: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'asciline-evening-'))
  const media = join(folder, 'media')
  mkdirSync(join(media, 'Holidays'), { recursive: true })
  const city = join(fixtures, 'city.mp4')
  const long = join(media, 'long.mp4')
  await run('ffmpeg', ['-v', 'error', '-stream_loop', '19', '-i', city, '-c', 'copy', long])
  for (const name of ['city.mp4', 'Holidays/A walk in the evening.mp4', 'Holidays/The harbour.mp4'])
    copyFileSync(city, join(media, name))
  writeFileSync(join(media, 'long.en.srt'), subtitles('English'))
  writeFileSync(join(media, 'long.de.srt'), subtitles('Deutsch'))
  const ytDlp = join(fixtures, 'fake-yt-dlp.mjs')
  const server = await startOwnServer(['--media', media, '--yt-dlp', ytDlp, '--preset', 'low', ...flags])
  const cookie = await signIn(server.url, server.pin)
  return {
    ...server,
    /** A command as any program would give it; the answer's body. */
    async ask(path: string, body?: object): Promise<Record<string, unknown>> {
      const response = await fetch(new URL(path, server.url), {
        method: body === undefined ? 'GET' : 'POST',
        headers: { cookie, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return (await response.json()) as Record<string, unknown>
    },
    async close(): Promise<void> {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves when the page shows a picture of what plays now. */
export async function moving(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { state, frame, mediaTime } = window.ascilineStats()
    return state === 'playing' && mediaTime !== null && frame > 5
  })
}
