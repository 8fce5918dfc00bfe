import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Library } from '../../../src/resolve/library.ts'
import { Resolver } from '../../../src/resolve/resolver.ts'
import { quiet } from '../source/gather.ts'

let folder: string
let root: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asciline-library-'))
  root = join(folder, 'media')
  await mkdir(join(root, 'films'), { recursive: true })
  await mkdir(join(root, '.hidden'))
  for (const name of [
    'a.mp4',
    'films/b c.MKV',
    'notes.txt',
    '.hidden/h.mp4',
    '-dash.mp4',
    'Alien: Covenant.mp4',
  ]) {
    await writeFile(join(root, name), 'x')
  }
  await writeFile(join(folder, 'secret.mp4'), 'x')
  await writeFile(join(folder, 'media-twin.mp4'), 'x')
  await symlink(join(folder, 'secret.mp4'), join(root, 'way-out.mp4'))
  await symlink(folder, join(root, 'up'))
  await symlink(join(root, 'a.mp4'), join(root, 'way-in.mp4'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const resolve = (query: string) => {
  // A yt-dlp that is not there: whatever is taken for a search says so.
  const resolver = new Resolver({ mediaDir: root, ytDlp: '/nowhere/yt-dlp', log: quiet })
  return resolver.resolve(query, new AbortController().signal)
}

test('files are found by the path from the folder, and by the whole path', async () => {
  expect(await resolve('a.mp4')).toEqual({
    kind: 'file',
    title: 'a',
    query: 'a.mp4',
    live: false,
    video: { url: join(root, 'a.mp4') },
  })
  expect(await resolve('films/b c.MKV')).toMatchObject({ title: 'b c' })
  // However it is written, it is remembered by one name.
  expect(await resolve('films/../a.mp4')).toMatchObject({ title: 'a', query: 'a.mp4' })
  expect(await resolve(join(root, 'a.mp4'))).toMatchObject({ title: 'a', query: 'a.mp4' })
  expect(await resolve('way-in.mp4')).toMatchObject({ video: { url: join(root, 'a.mp4') } })
})

test.each([
  '../secret.mp4',
  'films/../../secret.mp4',
  '/etc/passwd',
  '../../../etc/passwd',
  'way-out.mp4',
  'up/secret.mp4',
  '../media-twin.mp4',
  '../does-not-exist',
])('%s does not lead out of the folder', async (query) => {
  await expect(resolve(query)).rejects.toMatchObject({ name: 'MediaError', code: 'outside-media' })
})

test('a path to nothing is told as such; a name that is no file is a search', async () => {
  await expect(resolve('./none.mp4')).rejects.toMatchObject({ code: 'file-not-found' })
  await expect(resolve(join(root, 'none.mp4'))).rejects.toMatchObject({ code: 'file-not-found' })
  await expect(resolve('none.mp4')).rejects.toMatchObject({ code: 'yt-dlp-missing' })
  await expect(resolve('films')).rejects.toMatchObject({ code: 'yt-dlp-missing' })
})

test('without a folder no path is looked at', async () => {
  const resolver = new Resolver({ log: quiet })
  const { signal } = new AbortController()
  await expect(resolver.resolve('/etc/passwd', signal)).rejects.toMatchObject({ code: 'outside-media' })
  expect(await resolver.library()).toEqual([])
})

test('the list holds media only, none hidden, none through links, and every path in it plays', async () => {
  const files = await new Library({ root }).list()
  expect(files.map(({ path }) => path).sort()).toEqual([
    './-dash.mp4',
    './Alien: Covenant.mp4',
    'a.mp4',
    'films/b c.MKV',
  ])
  for (const { path, title } of files) expect(await resolve(path)).toMatchObject({ kind: 'file', title })
  expect(await new Library({ root: join(folder, 'none') }).list()).toEqual([])
})
