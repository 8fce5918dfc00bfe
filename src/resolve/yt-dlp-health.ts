// Whether the yt-dlp on this machine can be expected to work today: sites change, and old ones stop working.

import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { runTool } from '../source/tool-run.ts'

/** `version` is absent when it cannot be run; `advice` is there when somebody should do something. */
export type YtDlpHealth = {
  version?: string
  tooOld: boolean
  advice?: string
  /** Arguments that tell this version about a JavaScript runtime. */
  runtime: readonly string[]
}

// From here on YouTube's player is solved by an external JavaScript runtime (yt-dlp#15012); before, more and more fails.
const NEEDED = '2025.11.12'
const UPDATE =
  'update it: python3 -m pip install -U "yt-dlp[default]", or take the newest binary from yt-dlp\'s releases and point --yt-dlp at it'

/** Runs `yt-dlp --version`. Never throws. */
export async function ytDlpHealth({
  ytDlp,
  searchPath = process.env.PATH ?? '',
  node = process.execPath,
  signal,
}: {
  ytDlp: string
  /** Where deno is looked for. */
  searchPath?: string
  node?: string
  signal?: AbortSignal
}): Promise<YtDlpHealth> {
  const run = await runTool({
    command: ytDlp,
    args: ['--ignore-config', '--version'],
    timeoutMs: 20_000,
    maxStdoutBytes: 4096,
    ...(signal && { signal }),
  })
  const [version] = /^\d{4}\.\d{2}\.\d{2}[\w.+-]*/.exec(run.stdout.trim()) ?? []
  if (run.failure !== undefined || version === undefined) {
    return {
      tooOld: false,
      runtime: [],
      advice: `yt-dlp cannot be run (${run.failure?.code ?? `exit code ${run.exitCode}`}): install it, or name it with --yt-dlp`,
    }
  }
  if (isOlder(version, NEEDED)) {
    return {
      version,
      tooOld: true,
      runtime: [],
      advice: `yt-dlp ${version} is too old for today's YouTube (${NEEDED} or newer is needed); ${UPDATE}`,
    }
  }
  return {
    version,
    tooOld: false,
    runtime: (await hasDeno(searchPath)) ? [] : ['--js-runtimes', `node:${node}`],
  }
}

/** Versions are dates, so they compare as numbers field by field. */
export function isOlder(version: string, than: string): boolean {
  const fields = (text: string) => text.split('.').slice(0, 3).map(Number)
  const [left, right] = [fields(version), fields(than)]
  for (const [index, value] of right.entries()) {
    const difference = (left[index] ?? 0) - value
    if (difference !== 0) return difference < 0
  }
  return false
}

/** yt-dlp finds deno by itself and prefers it, because it runs the site's code in a sandbox. */
async function hasDeno(searchPath: string): Promise<boolean> {
  for (const folder of searchPath.split(delimiter).filter((one) => one !== '')) {
    try {
      await access(join(folder, 'deno'), constants.X_OK)
      return true
    } catch {
      // Not here.
    }
  }
  return false
}
