// A yt-dlp of this program's own, in .cache/yt-dlp: YouTube changes every few weeks, distributions ship what is years old.
// Plain JavaScript on Node built-ins, for Node 18 on, like setup.mjs.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DAY_MS = 86_400_000
/** One on PATH that is older will soon fail where it does not already. */
const GOOD_FOR_MS = 180 * DAY_MS
/** Ours is brought up to date this often, which is a start that takes some seconds longer. */
const RENEW_MS = 14 * DAY_MS
/** After a failure, or where the one on PATH was good, it is looked at again tomorrow. */
const LOOK_AGAIN_MS = DAY_MS
/** What today's yt-dlp runs on. */
const PYTHON = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'

const binFolder = (home) => join(home, process.platform === 'win32' ? 'Scripts' : 'bin')

/** The program that runs what is in `home`; undefined when it has gone. */
function pythonOf(home) {
  try {
    return realpathSync(join(binFolder(home), 'python'))
  } catch {
    return undefined
  }
}

/** Path of the yt-dlp in `cache`, or undefined. */
export function ownYtDlp(cache) {
  const path = join(binFolder(join(cache, 'yt-dlp')), process.platform === 'win32' ? 'yt-dlp.exe' : 'yt-dlp')
  return existsSync(path) ? path : undefined
}

/**
 * Sees to it that there is a yt-dlp YouTube still answers: leaves one on PATH alone that is new enough, else installs the
 * newest into `cache`, or brings the one there up to date. Where that fails everything stays as it was, and `say` has why.
 */
export function provideYtDlp({ cache, onPath, say, installVenv, now = Date.now() }) {
  const home = join(cache, 'yt-dlp')
  const memo = join(cache, 'yt-dlp.json')
  const have = ownYtDlp(cache) !== undefined
  const theirs = onPath('yt-dlp')
  // What a look said holds until there is another yt-dlp on PATH, or another Python below ours.
  const key = () => {
    if (ownYtDlp(cache) !== undefined) return `ours ${pythonOf(home)}`
    return theirs === undefined ? 'none' : `${theirs} ${statSync(theirs).mtimeMs}`
  }
  const last = readMemo(memo)
  if (last.key === key() && now - last.at < (last.renewed ? RENEW_MS : LOOK_AGAIN_MS)) return
  const remember = (renewed) => {
    mkdirSync(cache, { recursive: true })
    writeFileSync(memo, JSON.stringify({ key: key(), at: now, renewed }))
  }
  if (!have && theirs !== undefined && madeAt(theirs) > now - GOOD_FOR_MS) return remember(false)

  say(`${have ? 'renewing the' : 'getting a current'} yt-dlp in .cache/yt-dlp ...`)
  const python = () => {
    const found = onPath('python3')
    return found !== undefined && run(found, ['-c', PYTHON]).status === 0 ? found : undefined
  }
  const snake = python() ?? (installVenv() ? python() : undefined)
  const why = snake === undefined ? 'there is no Python 3.10 with venv' : install({ home, cache, snake })
  if (why !== undefined) {
    if (!have) rmSync(home, { recursive: true, force: true })
    say(`that did not work (${why}); ${have || theirs ? 'the one that is there stays' : 'there is none'}.`)
  }
  remember(why === undefined)
}

/** What went wrong, or undefined. */
function install({ home, cache, snake }) {
  const bin = binFolder(home)
  const ours = join(bin, 'yt-dlp')
  // One whose Python has gone, or whose folder was moved, is made anew; one that works keeps its packages.
  const fit = ownYtDlp(cache) !== undefined && run(ours, ['--version']).status === 0
  if (!fit) rmSync(home, { recursive: true, force: true })
  const made = fit ? undefined : trouble(run(snake, ['-m', 'venv', home]))
  if (made !== undefined) return made
  const pip = (what) =>
    run(join(bin, 'python'), [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'],
      // Wheels only: nothing of a package runs before it is asked to.
      ...['--retries', '1', '--timeout', '15', '--only-binary', ':all:', '--upgrade', what],
    ])
  let got = pip('yt-dlp[default]')
  // Where the scripts that solve YouTube's player are not to be had, most of it still works.
  if (got.status !== 0) got = pip('yt-dlp')
  // Without a network pip is content with what is installed, and ends well.
  if (got.status === 0 && fit && /Retrying/.test(got.stderr)) return 'nothing newer can be reached'
  return trouble(got) ?? trouble(run(ours, ['--ignore-config', '--version']))
}

/** Why a program did not end well, in its last words; undefined when it did. */
function trouble({ status, stderr, error }) {
  return status === 0 ? undefined : (lastLine(stderr) ?? error?.message ?? `exit code ${status}`)
}

function run(program, args) {
  return spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 180_000,
    maxBuffer: 16 * 1024 * 1024,
  })
}

/** Versions are dates. */
function madeAt(program) {
  const [, date] =
    /^(\d{4}\.\d{2}\.\d{2})/.exec(run(program, ['--ignore-config', '--version']).stdout ?? '') ?? []
  return date === undefined ? Number.NEGATIVE_INFINITY : Date.parse(date.replaceAll('.', '-'))
}

/** pip's reason stands at the end, behind its retries, and may be long. */
function lastLine(text) {
  const line = (text ?? '')
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^ERROR: /, '')
  return line === undefined || line === '' ? undefined : line.slice(0, 160)
}

function readMemo(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}
