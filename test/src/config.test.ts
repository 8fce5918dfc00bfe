import { expect, test } from 'vitest'
import { helpText, readConfig, UsageError } from '../../src/config.ts'

const refused = (argv: string[], environment = {}) => {
  try {
    readConfig(argv, environment)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as Error).message
  }
  throw new Error(`${argv.join(' ')} was accepted`)
}

test('without flags the defaults hold and the PIN is six random digits', () => {
  const one = readConfig([], {})
  const two = readConfig([], {})
  if (one === 'help' || two === 'help') throw new Error('help was not asked for')
  expect(one).toMatchObject({
    port: 8000,
    host: '0.0.0.0',
    preset: 'med',
    playoutDelayMs: 120,
    maxSourceHeight: 720,
    trustProxy: 0,
    pinGiven: false,
  })
  expect(one.pin).toMatch(/^\d{6}$/)
  // One chance in a million to be equal by accident.
  expect(one.pin).not.toBe(two.pin)
})

test('a flag wins over the environment, the environment over the default', () => {
  const environment = { ASCILINE_PORT: '9000', ASCILINE_MAX_SOURCE_HEIGHT: '480' }
  expect(readConfig(['--port', '9001'], environment)).toMatchObject({ port: 9001, maxSourceHeight: 480 })
})

test('hosts are gathered from repeats and commas and compared in lower case', () => {
  expect(readConfig(['--allow-host', 'A.example,b.example', '--allow-host', 'c'], {})).toMatchObject({
    allowHosts: ['a.example', 'b.example', 'c'],
  })
})

test('each bad value is refused with the name of its flag', () => {
  expect(refused(['--pin', '123'])).toContain('--pin "123": must be 4 to 8 digits')
  expect(refused(['--pin', '12345678901'])).toContain('--pin')
  expect(refused(['--pin', '12a4'])).toContain('--pin')
  expect(refused(['--port', '70000'])).toContain('--port')
  expect(refused(['--port', 'eighty'])).toContain('--port')
  expect(refused(['--udp-ports', '40100-40000'])).toContain('--udp-ports')
  expect(refused(['--udp-ports', '1-9'])).toContain('--udp-ports')
  expect(refused(['--preset', 'huge'])).toContain('--preset')
  expect(refused(['--playout-delay', '2001'])).toContain('--playout-delay')
  expect(refused(['--playout-delay', '-1'])).toContain('--playout-delay')
  expect(refused(['--playout-delay', 'soon'])).toContain('--playout-delay')
  expect(refused(['--host', 'a b'])).toContain('--host')
  expect(refused([], { ASCILINE_PIN: 'abcd' })).toContain('ASCILINE_PIN')
})

test('TURN comes with one kind of credentials, or not at all', () => {
  const turn = ['--turn', 'turn:t.example:3478,turns:t.example:5349?transport=tcp']
  expect(readConfig([...turn, '--turn-user', 'me', '--turn-password', 'word'], {})).toMatchObject({
    turn: ['turn:t.example:3478', 'turns:t.example:5349?transport=tcp'],
    turnLogin: { user: 'me', password: 'word' },
  })
  expect(readConfig([...turn], { ASCILINE_TURN_SECRET: 'north' })).toMatchObject({
    turnLogin: { secret: 'north' },
  })
  for (const half of [
    turn,
    ['--turn-secret', 'x'],
    ['--turn-user', 'me', '--turn-password', 'word'],
    [...turn, '--turn-user', 'me'],
    [...turn, '--turn-password', 'x', '--turn-secret', 'x'],
    [...turn, '--turn-user', 'me', '--turn-password', 'x', '--turn-secret', 'x'],
  ])
    expect(refused(half)).toContain('--turn-secret')
  expect(refused(['--turn', 'http://t.example', '--turn-secret', 'x'])).toContain('--turn')
})

test('a STUN server may be named with or without its scheme and port', () => {
  for (const text of ['stun.example', 'stun:stun.example', 'stun.example:3478', 'stun:stun.example:3478'])
    expect(readConfig(['--stun', text], {})).toMatchObject({ stun: 'stun:stun.example:3478' })
  expect(refused(['--stun', 'a b'])).toContain('--stun')
  expect(refused(['--lan', 'maybe'])).toContain('--lan')
  expect(refused(['--udp-ports', '40000-40000'])).toContain('--udp-ports')
})

test('an unknown flag, a missing value and a stray word are refused', () => {
  expect(refused(['--exec', 'x'])).toContain("Unknown option '--exec'")
  expect(refused(['--pin'])).toContain('--pin')
  expect(refused(['demo:'])).toContain("Unexpected argument 'demo:'")
})

test('help names every flag', () => {
  expect(readConfig(['--help'], {})).toBe('help')
  for (const flag of [
    '--pin',
    '--port',
    '--host',
    '--media',
    '--play',
    '--preset',
    '--max-source-height',
    '--allow-host',
  ])
    expect(helpText()).toContain(flag)
  for (const flag of ['--trust-proxy', '--announce', '--udp-ports', '--yt-dlp', '--ffmpeg', '--log-level'])
    expect(helpText()).toContain(flag)
})
