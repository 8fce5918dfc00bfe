import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { withFolder } from '../sim/own-server.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const setup = join(root, 'src', 'setup', 'setup.mjs')

/** This project as it is, but with nothing in its cache. */
function project(folder: string): string {
  const place = join(folder, 'project')
  cpSync(join(root, 'src', 'setup'), join(place, 'src', 'setup'), { recursive: true })
  for (const name of ['node_modules', 'client', 'vendor', 'signaling', 'package-lock.json'])
    symlinkSync(join(root, name), join(place, name))
  return join(place, 'src', 'setup', 'setup.mjs')
}

/** Runs the set-up on a machine whose PATH is just `folder`, with a PATH lookup that finds no package manager there. */
function runWith(folder: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [project(folder), 'start'], {
    env: { PATH: folder },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

function script(folder: string, name: string, text: string) {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

test('where all is in place the set-up says nothing', () => {
  // The first run may have something to do: somebody has edited the page since.
  spawnSync(process.execPath, [setup, 'test'])
  const { status, stdout, stderr } = spawnSync(process.execPath, [setup, 'test'], { encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('without ffmpeg and without a package manager it names one thing to do, and why', async () => {
  await withFolder(async (folder) => {
    const { status, stderr } = runWith(folder)
    expect(status).toBe(1)
    expect(stderr).toContain('ffmpeg is not installed. Please run:')
    expect(stderr).toContain('Why: ffmpeg decodes every video')
  })
})

test('an ffmpeg that is too old counts as missing', async () => {
  await withFolder(async (folder) => {
    symlinkSync('/bin/sh', join(folder, 'sh'))
    script(folder, 'ffmpeg', '#!/bin/sh\necho "ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright"\n')
    const { status, stderr } = runWith(folder)
    expect(status).toBe(1)
    expect(stderr).toContain('ffmpeg 4.4 is too old (5.1 or later is needed)')
  })
})

test('a git build of ffmpeg without a number counts as new; a missing yt-dlp is told but stops nothing', async () => {
  await withFolder(async (folder) => {
    script(folder, 'ffmpeg', '#!/bin/sh\necho "ffmpeg version N-119000-gabcdef Copyright"\n')
    script(folder, 'ffprobe', '#!/bin/sh\necho "ffprobe version 7.1 Copyright"\n')
    const { status, stdout, stderr } = runWith(folder)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('yt-dlp is not installed. To have it, run:')
    expect(stdout).toContain('only local files and demo: play')
  })
})
