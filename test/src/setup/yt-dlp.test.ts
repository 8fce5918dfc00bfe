// Real pip, real venv; what they install is a wheel made here, so that nothing is asked of the network.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ownYtDlp, provideYtDlp } from '../../../src/setup/yt-dlp.mjs'
import { withFolder } from '../../sim/own-server.ts'

const DAY_MS = 86_400_000
const NOW = Date.parse('2026-11-27')
const PYTHON = (process.env.PATH ?? '')
  .split(':')
  .map((folder) => join(folder, 'python3'))
  .find((path) => existsSync(path))
const venv = PYTHON !== undefined && spawnSync(PYTHON, ['-c', 'import venv, ensurepip']).status === 0

/** A package named yt-dlp whose program prints its version, in `folder`. */
function makeWheel(folder: string, version: string): void {
  const info = `yt_dlp-${version}.dist-info`
  const files = {
    'yt_dlp.py': `def main():\n    print("${version}")\n`,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: yt-dlp\nVersion: ${version}\nProvides-Extra: default\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/entry_points.txt`]: '[console_scripts]\nyt-dlp = yt_dlp:main\n',
    [`${info}/RECORD`]: '',
  }
  const zip =
    'import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n  for n, t in json.load(sys.stdin).items(): z.writestr(n, t)'
  execFileSync(PYTHON as string, ['-c', zip, join(folder, `yt_dlp-${version}-py3-none-any.whl`)], {
    input: JSON.stringify(files),
  })
}

/** A machine with these programs on its PATH, and an index of packages that is a folder. */
function machine(folder: string, { installed }: { installed?: string } = {}) {
  const wheels = join(folder, 'wheels')
  mkdirSync(wheels)
  vi.stubEnv('PIP_NO_INDEX', '1')
  vi.stubEnv('PIP_FIND_LINKS', wheels)
  const theirs = join(folder, 'yt-dlp')
  if (installed !== undefined) {
    writeFileSync(theirs, `#!/bin/sh\necho run >> ${join(folder, 'asked')}\necho ${installed}\n`)
    chmodSync(theirs, 0o755)
  }
  const cache = join(folder, 'cache')
  const said: string[] = []
  const programs: Record<string, string | undefined> = {
    python3: PYTHON,
    'yt-dlp': installed === undefined ? undefined : theirs,
  }
  return {
    cache,
    said,
    wheels,
    programs,
    provide: (now = NOW) =>
      provideYtDlp({
        cache,
        onPath: (name) => programs[name],
        say: (line) => said.push(line),
        installVenv: () => false,
        now,
      }),
    version: () => execFileSync(ownYtDlp(cache) as string, ['--version'], { encoding: 'utf8' }).trim(),
  }
}

afterEach(() => vi.unstubAllEnvs())

describe('the yt-dlp on PATH', () => {
  test('is left alone while it is new enough, and not even asked more than once a day', async () => {
    await withFolder(async (folder) => {
      const { provide, said, cache } = machine(folder, { installed: '2026.10.26' })
      provide()
      provide(NOW + DAY_MS / 2)
      expect(said).toEqual([])
      expect(ownYtDlp(cache)).toBeUndefined()
      expect(execFileSync('cat', [join(folder, 'asked')], { encoding: 'utf8' })).toBe('run\n')
    })
  })

  test('stays when nothing newer can be had, with the reason said once', async () => {
    await withFolder(async (folder) => {
      const { provide, said, cache, programs } = machine(folder, { installed: '2023.03.04' })
      programs.python3 = undefined
      provide()
      provide(NOW + DAY_MS / 2)
      expect(said).toEqual([
        'getting a current yt-dlp in .cache/yt-dlp ...',
        'that did not work (there is no Python 3.10 with venv); the one that is there stays.',
      ])
      expect(ownYtDlp(cache)).toBeUndefined()
    })
  })

  test('is all there is when the installation fails: nothing half is left', async () => {
    await withFolder(async (folder) => {
      const { provide, said, cache, programs } = machine(folder)
      const broken = join(folder, 'python3')
      writeFileSync(
        broken,
        '#!/bin/sh\n[ "$1" = -c ] && exit 0\nmkdir -p "$3/bin"; echo > "$3/bin/yt-dlp"; echo "Error: no space left" >&2; exit 3\n',
      )
      chmodSync(broken, 0o755)
      programs.python3 = broken
      provide()
      expect(said.at(-1)).toBe('that did not work (Error: no space left); there is none.')
      expect(existsSync(join(cache, 'yt-dlp'))).toBe(false)
    })
  })
})

test.skipIf(!venv)(
  'one that is years old is replaced by a current one, renewed after a fortnight, and kept without a network (needs Python with venv)',
  async () => {
    await withFolder(async (folder) => {
      const { provide, said, cache, wheels, version } = machine(folder, { installed: '2023.03.04' })
      makeWheel(wheels, '2026.11.1')
      provide()
      expect(version()).toBe('2026.11.1')
      makeWheel(wheels, '2026.12.5')
      provide(NOW + 13 * DAY_MS)
      expect(version()).toBe('2026.11.1')
      provide(NOW + 15 * DAY_MS)
      expect(version()).toBe('2026.12.5')
      // The system has got another Python: what is there runs no more, and is not believed for a fortnight.
      const python = join(cache, 'yt-dlp', 'bin', 'python')
      const before = realpathSync(python)
      rmSync(python)
      symlinkSync('/bin/false', python)
      rmSync(join(cache, 'yt-dlp', 'bin', 'python3'), { force: true })
      provide(NOW + 16 * DAY_MS)
      expect(version()).toBe('2026.12.5')
      expect(realpathSync(python)).toBe(before)
      vi.unstubAllEnvs()
      vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple')
      provide(NOW + 30 * DAY_MS)
      expect(version()).toBe('2026.12.5')
      expect(said).toEqual([
        'getting a current yt-dlp in .cache/yt-dlp ...',
        'renewing the yt-dlp in .cache/yt-dlp ...',
        'renewing the yt-dlp in .cache/yt-dlp ...',
        'renewing the yt-dlp in .cache/yt-dlp ...',
        'that did not work (nothing newer can be reached); the one that is there stays.',
      ])
    })
  },
  // Five times pip: 25 s on a busy machine with two cores.
  180_000,
)
