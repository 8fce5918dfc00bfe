import { expect, test } from 'vitest'
import { iceServersFor } from '../../../src/transport/ice-servers.ts'
import { openAudience } from './studio.ts'

test('without flags a page is told of no server', async () => {
  expect(iceServersFor({}, 'a', 0)).toEqual([])
  const { audience } = openAudience()
  expect(await audience.open({ id: 'x', address: '127.0.0.1' })).not.toHaveProperty('iceServers')
  await audience.close()
})

test('a name and a password go to the page as they are', () => {
  const turnLogin = { user: 'me', password: 'secret' }
  const turn = ['turn:turn.example:3478', 'turns:turn.example:5349?transport=tcp']
  expect(iceServersFor({ stun: 'stun:stun.example:3478', turn, turnLogin }, 'a', 0)).toEqual([
    { urls: 'stun:stun.example:3478' },
    { urls: turn[0], username: 'me', credential: 'secret' },
    { urls: turn[1], username: 'me', credential: 'secret' },
  ])
})

test('of a shared secret the page gets a name that runs out and its HMAC, never the secret', () => {
  const [server] = iceServersFor(
    { turn: ['turn:t:1'], turnLogin: { secret: 'north' } },
    'abcd',
    1_700_000_000_999,
  )
  expect(server?.username).toBe('1700021600:abcd')
  // From: printf 1700021600:abcd | openssl dgst -sha1 -hmac north -binary | base64
  expect(server?.credential).toBe('IqkYZHkQtwypuPxky1CPkpgRDuk=')
  expect(JSON.stringify(server)).not.toContain('north')
})

test('an offer carries them', async () => {
  const { audience } = openAudience({ turn: ['turn:127.0.0.1:9'], turnLogin: { secret: 's' } })
  const { iceServers } = await audience.open({ id: 'x', address: '127.0.0.1' })
  expect(iceServers).toEqual([
    {
      urls: 'turn:127.0.0.1:9',
      username: expect.stringMatching(/^\d{10}:[0-9a-f]{4}$/),
      credential: expect.any(String),
    },
  ])
  await audience.close()
})
