import { expect, test } from 'vitest'
import { checkAnswer } from '../../../src/transport/answer-check.ts'

// What Chromium 140 and werift 0.25.2 answer, credentials changed.
const CHROMIUM = `v=0
o=- 5575434947769176648 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 1b3a2f00.local 50000 typ host
a=ice-ufrag:PWy5
a=ice-pwd:cGQArQASjMD/tEm2NzEtqIdm
a=ice-options:trickle
a=fingerprint:sha-256 07:DA:95:F9:5A:3C:45:0A:F8:17:07:8A:58:90:9E:8B:AF:16:A8:71:11:41:81:B7:9B:6A:CB:B1:A3:4A:ED:DE
a=setup:active
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
`.replaceAll('\n', '\r\n')

test('the answer of a browser is taken', () => {
  expect(() => checkAnswer(CHROMIUM)).not.toThrow()
})

test.each([
  ['nothing', ''],
  ['nonsense', 'nonsense'],
  ['only the first line', 'v=0\r\n'],
  ['half of it', CHROMIUM.slice(0, 400)],
  ['no fingerprint', CHROMIUM.replace(/a=fingerprint.*\r\n/, '')],
  ['a broken fingerprint', CHROMIUM.replace(/sha-256 \S+/, 'sha-256 zz')],
  ['a weak fingerprint', CHROMIUM.replace('sha-256', 'sha-1')],
  ['no password', CHROMIUM.replace(/a=ice-pwd.*\r\n/, '')],
  ['a password too short to be one', CHROMIUM.replace(/a=ice-pwd:\S+/, 'a=ice-pwd:x')],
  ['two user names', CHROMIUM.replace('a=ice-ufrag:PWy5', 'a=ice-ufrag:PWy5\r\na=ice-ufrag:abcd')],
  ['an offer', CHROMIUM.replace('setup:active', 'setup:actpass')],
  ['a video section more', `${CHROMIUM}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`],
  ['another SCTP port', CHROMIUM.replace('sctp-port:5000', 'sctp-port:0')],
  ['thousands of lines', CHROMIUM + 'a=x\r\n'.repeat(5000)],
])('%s is a bad request', (_name, sdp) => {
  expect(() => checkAnswer(sdp)).toThrow(expect.objectContaining({ code: 'bad-request' }))
})
