// All set-up before `npm start`, `npm test` and friends: npm packages, ffmpeg, yt-dlp, a Chromium for the tests, the page's bundle.
// Plain JavaScript on Node built-ins, because it runs before anything is installed and on whatever Node (18 or later) the machine has.

import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownYtDlp, provideYtDlp } from './yt-dlp.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const goal = process.argv[2] ?? 'start'

const say = (line) => process.stdout.write(`set-up: ${line}\n`)

/** Ends the set-up with the one thing a person has to do. */
function giveUp(what, why) {
  process.stderr.write(`set-up: ${what}\n        ${why}\n`)
  process.exit(1)
}

function onPath(name) {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name]
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const file of names) {
      const path = join(folder, file)
      if (folder !== '' && existsSync(path)) return path
    }
  return undefined
}

const hash = (text) => createHash('sha256').update(text).digest('hex')
const readOr = (path, other) => (existsSync(path) ? readFileSync(path, 'utf8') : other)

// --- npm packages -------------------------------------------------------------------------------------------------

function packages() {
  const stamp = join(root, 'node_modules', '.asciline-setup')
  const wanted = hash(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const ready = existsSync(join(root, 'node_modules', '.bin', 'node'))
  if (ready && readOr(stamp, '') === wanted) return
  say(
    `installing the npm packages (${ready ? 'package-lock.json has changed' : 'none are installed yet'}) ...`,
  )
  // Run by npm, we are told which npm that was; it may not be the first one on PATH.
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const ran =
    npm === undefined
      ? spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
  if (ran.status !== 0)
    giveUp('`npm ci` failed; its own message stands above.', 'Check the network, then run the command again.')
  writeFileSync(stamp, wanted)
}

// --- tools of the machine -----------------------------------------------------------------------------------------

/** [major, minor], or undefined for builds without a number (git snapshots), which are new. */
function ffmpegVersion(path) {
  try {
    const text = execFileSync(path, ['-version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const found = /version n?(\d+)\.(\d+)/.exec(text)
    return found === null ? [99, 0] : [Number(found[1]), Number(found[2])]
  } catch {
    return undefined
  }
}

function ffmpegMissing() {
  for (const [name, given] of [
    ['ffmpeg', process.env.ASCILINE_FFMPEG],
    ['ffprobe', process.env.ASCILINE_FFMPEG?.replace(/ffmpeg([^/\\]*)$/, 'ffprobe$1')],
  ]) {
    const path = given ?? onPath(name)
    const version = path === undefined ? undefined : ffmpegVersion(path)
    if (version === undefined) return `${name} is not installed`
    if (version[0] < 5 || (version[0] === 5 && version[1] < 1))
      return `${name} ${version.join('.')} is too old (5.1 or later is needed)`
  }
  return undefined
}

const cache = join(root, '.cache')
const ytDlpMissing = () =>
  (process.env.ASCILINE_YT_DLP ?? ownYtDlp(cache) ?? onPath('yt-dlp')) === undefined
    ? 'yt-dlp is not installed'
    : undefined

const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

function chromiumMissing() {
  const given = process.env.CHROMIUM_PATH
  if (given !== undefined && given !== '')
    return existsSync(given) ? undefined : `CHROMIUM_PATH names ${given}, which does not exist`
  const found = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'].some(
    (name) => onPath(name) !== undefined,
  )
  return found || existsSync(MAC_CHROME) ? undefined : 'no Chromium is installed'
}

/** Under systemd the package would start a relay of its own, open to the network: that is for a person to decide. */
const COTURN = existsSync('/run/systemd/system') ? {} : { apt: 'coturn', brew: 'coturn' }

const TOOLS = [
  {
    missing: ffmpegMissing,
    apt: 'ffmpeg',
    brew: 'ffmpeg',
    other: 'install ffmpeg 5.1 or later from https://ffmpeg.org/download.html',
    why: 'ffmpeg decodes every video; nothing plays without it.',
    needed: true,
    goals: ['start', 'test'],
  },
  {
    missing: ytDlpMissing,
    apt: 'yt-dlp',
    brew: 'yt-dlp',
    other: 'install yt-dlp from https://github.com/yt-dlp/yt-dlp/wiki/Installation',
    why: 'yt-dlp finds YouTube videos; without it only local files and demo: play.',
    needed: false,
    goals: ['start', 'test'],
  },
  {
    missing: () => (onPath('turnserver') === undefined ? 'coturn is not installed' : undefined),
    ...COTURN,
    other: 'apt-get install coturn, and systemctl disable --now coturn',
    why: 'the tests of TURN relay through it; without it they are skipped.',
    needed: false,
    goals: ['test'],
  },
  {
    missing: chromiumMissing,
    apt: 'chromium',
    brew: '--cask chromium',
    other: 'install Chromium or Chrome, or set CHROMIUM_PATH',
    why: 'the browser tests open the real page in it.',
    needed: true,
    goals: ['test'],
  },
]

let aptIsFresh = false

function installWith(manager, name) {
  if (manager === 'brew')
    return spawnSync('brew', ['install', ...name.split(' ')], { stdio: 'inherit' }).status === 0
  const apt = (...args) => {
    // Another apt (an unattended upgrade on a fresh machine) is waited for, not fought.
    const ran = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', ...args], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    // Its hundreds of lines matter only when it fails.
    if (ran.status !== 0) process.stderr.write(ran.stderr ?? '')
    return ran.status === 0
  }
  if (!aptIsFresh) apt('update')
  aptIsFresh = true
  return apt('install', '-y', '--no-install-recommends', name)
}

function manager() {
  if (process.platform === 'darwin' && onPath('brew')) return 'brew'
  if (process.platform === 'linux' && onPath('apt-get'))
    return process.getuid?.() === 0 ? 'apt' : 'apt-by-hand'
  return undefined
}

function tools() {
  const by = manager()
  if (process.env.ASCILINE_YT_DLP === undefined)
    provideYtDlp({ cache, onPath, say, installVenv: () => by === 'apt' && installWith(by, 'python3-venv') })
  for (const tool of TOOLS.filter((each) => each.goals.includes(goal))) {
    const problem = tool.missing()
    if (problem === undefined) continue
    if ((by === 'apt' || by === 'brew') && tool[by] !== undefined) {
      say(`${problem}; installing it with ${by === 'apt' ? 'apt-get' : 'brew'} ...`)
      installWith(by, tool[by])
      if (tool.missing() === undefined) continue
    }
    const command =
      by === 'brew' && tool.brew !== undefined
        ? `brew install ${tool.brew}`
        : by?.startsWith('apt') && tool.apt !== undefined
          ? `sudo apt-get install ${tool.apt}`
          : tool.other
    const still = tool.missing() ?? problem
    if (tool.needed) giveUp(`${still}. Please run: ${command}`, `Why: ${tool.why}`)
    say(`${still}. To have it, run: ${command}`)
    say(`  (${tool.why})`)
  }
}

// --- the page -----------------------------------------------------------------------------------------------------

function fingerprint(folder) {
  let lines = ''
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name)
    if (entry.name === 'dist' || entry.name === 'node_modules') continue
    if (entry.isDirectory()) lines += fingerprint(path)
    else {
      const { size, mtimeMs } = statSync(path)
      lines += `${relative(root, path)} ${size} ${mtimeMs}\n`
    }
  }
  return lines
}

function page() {
  const stamp = join(root, 'client', 'dist', '.asciline-setup')
  const wanted = hash(
    ['client', 'vendor', 'signaling'].map((folder) => fingerprint(join(root, folder))).join('') +
      readFileSync(join(root, 'package-lock.json'), 'utf8'),
  )
  if (readOr(stamp, '') === wanted) return
  say("building the page's bundle ...")
  const bin = join(root, 'node_modules', '.bin')
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
  const ran = spawnSync(
    join(bin, 'node'),
    [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'],
    {
      cwd: root,
      stdio: 'inherit',
      env,
    },
  )
  if (ran.status !== 0)
    giveUp('the page could not be built; the reason stands above.', 'This is a fault of ours.')
  writeFileSync(stamp, wanted)
}

packages()
if (goal !== 'deps') {
  tools()
  page()
}
