import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProcessGroup } from '../../../src/source/process-group.ts'
import { runTool } from '../../../src/source/tool-run.ts'
import { ClipFolder } from './clips.ts'
import { alive, gone } from './processes.ts'

let folder: ClipFolder
beforeAll(async () => {
  folder = await ClipFolder.open()
})
afterAll(() => folder.close())

const sh = (script: string) => ({ command: '/bin/sh', args: ['-c', script] })

/** Waits until the child has written the pid of its grandchild. */
async function grandchild(path: string): Promise<number> {
  const read = async () => Number(await readFile(path, 'utf8').catch(() => ''))
  await expect.poll(read, { interval: 20 }).toBeGreaterThan(0)
  return read()
}

describe('the outcome of a child', () => {
  test('carries its exit code and its last words', async () => {
    const group = new ProcessGroup(sh('echo one >&2; echo two >&2; exit 3'))
    expect(await group.exited).toEqual({ exitCode: 3, signal: null })
    expect(group.stderr).toEqual(['one', 'two'])
  })

  test('names the signal that ended it', async () => {
    expect(await new ProcessGroup(sh('kill -9 $$')).exited).toEqual({ exitCode: null, signal: 'SIGKILL' })
  })

  test('says that it never started', async () => {
    const group = new ProcessGroup({ command: '/nowhere/ffmpeg', args: [], extraPipes: 2 })
    expect((await group.exited).failure?.code).toBe('ENOENT')
    expect(group.pid).toBeUndefined()
    expect((await group.close()).failure?.code).toBe('ENOENT')
    const file = await folder.write('no-program', 'text')
    expect((await new ProcessGroup({ command: file, args: [] }).exited).failure?.code).toBe('EACCES')
  })
})

describe('closing', () => {
  test('ends the child and what it has started', async () => {
    const pidFile = `${folder.path}/grandchild`
    const group = new ProcessGroup(sh(`sleep 1000 & echo $! > ${pidFile}; wait`))
    const pid = await grandchild(pidFile)
    expect(alive(pid)).toBe(true)
    expect(await group.close()).toEqual({ exitCode: null, signal: 'SIGTERM' })
    await gone(pid)
    expect(await group.close()).toEqual({ exitCode: null, signal: 'SIGTERM' })
  })

  test('kills a group that does not listen', async () => {
    const pidFile = `${folder.path}/deaf-grandchild`
    const group = new ProcessGroup({
      ...sh(`trap '' TERM; sleep 1000 & echo $! > ${pidFile}; while :; do wait; done`),
      patienceMs: 100,
    })
    const pid = await grandchild(pidFile)
    expect(await group.close()).toEqual({ exitCode: null, signal: 'SIGKILL' })
    await gone(pid)
  })

  test('an abort closes, also one that came before the start', async () => {
    const abort = new AbortController()
    const group = new ProcessGroup({ ...sh('sleep 1000'), signal: abort.signal })
    abort.abort()
    expect((await group.exited).signal).toBe('SIGTERM')
    expect((await new ProcessGroup({ ...sh('sleep 1000'), signal: abort.signal }).exited).signal).toBe(
      'SIGTERM',
    )
  })

  test('a child that ends by itself takes what it left behind with it', async () => {
    const pidFile = `${folder.path}/left-behind`
    const group = new ProcessGroup(sh(`sleep 1000 & echo $! > ${pidFile}`))
    expect((await group.exited).exitCode).toBe(0)
    await gone(Number(await readFile(pidFile, 'utf8')))
  })
})

test('a child with nothing to put in order is killed without being asked', async () => {
  const group = new ProcessGroup({
    command: 'sh',
    args: ['-c', "trap '' TERM; echo ready; while :; do sleep 1; done"],
    patienceMs: 0,
  })
  await once(group.pipe(1), 'data')
  expect((await group.close()).signal).toBe('SIGKILL')
})

describe('a tool run to its end', () => {
  const limits = { timeoutMs: 20_000, maxStdoutBytes: 1000 }

  test('hands back what it printed', async () => {
    const { output, ...run } = await runTool({ ...sh('echo out; echo err >&2; exit 7'), ...limits })
    expect(output.toString()).toBe('out\n')
    expect(run).toEqual({
      exitCode: 7,
      signal: null,
      stdout: 'out\n',
      stderr: ['err'],
    })
  })

  test('is stopped when it prints too much, takes too long, or is not wanted any more', async () => {
    const flood = await runTool({ ...sh('exec yes'), ...limits })
    expect(flood).toMatchObject({ cut: 'too-much-output', stdout: '' })
    expect(await runTool({ ...sh('sleep 1000'), ...limits, timeoutMs: 50 })).toMatchObject({ cut: 'timeout' })
    const signal = AbortSignal.timeout(50)
    expect(await runTool({ ...sh('sleep 1000'), ...limits, signal })).toMatchObject({ cut: 'aborted' })
  })

  test('does not wait for a grandchild that holds its output open', async () => {
    expect(await runTool({ ...sh('sleep 1000 & echo done'), ...limits })).toMatchObject({
      exitCode: 0,
      stdout: 'done\n',
    })
  })
})
