// A plain sound file with clicks at known places, played in an element of its own: what an ear makes of it is the ear's own lateness.

import type { Page } from 'playwright-core'

/** Seconds of the file at which its clicks begin: an element's clock creeps by ten milliseconds in its first seconds. */
const CLICKS = Array.from({ length: 12 }, (_, i) => 4 + 0.3 * i)

/**
 * When the element's own clock passes each click, on the page's clock: medians of readings on both sides of it. The page's own
 * sound is muted meanwhile. In stereo, as ours is: in mono the same element is 13 ms further off. Knows nothing of our player, so it cannot hide a fault of ours.
 */
export function playClicks(page: Page): Promise<number[]> {
  return page.evaluate(async (clicks) => {
    const rate = 48_000
    const samples = 8 * rate
    const wav = new DataView(new ArrayBuffer(44 + samples * 4))
    const text = (at: number, letters: string) =>
      [...letters].forEach((letter, i) => {
        wav.setUint8(at + i, letter.charCodeAt(0))
      })
    text(0, 'RIFF')
    wav.setUint32(4, 36 + samples * 4, true)
    text(8, 'WAVEfmt ')
    wav.setUint32(16, 16, true)
    wav.setUint16(20, 1, true)
    wav.setUint16(22, 2, true)
    wav.setUint32(24, rate, true)
    wav.setUint32(28, rate * 4, true)
    wav.setUint16(32, 4, true)
    wav.setUint16(34, 16, true)
    text(36, 'data')
    wav.setUint32(40, samples * 4, true)
    for (const click of clicks)
      for (let i = Math.round(click * rate); i < (click + 0.05) * rate; i++)
        for (const channel of [0, 2])
          wav.setInt16(44 + i * 4 + channel, 16_000 * Math.sin((2 * Math.PI * 1000 * i) / rate), true)
    const others = [...document.querySelectorAll('audio')].filter((audio) => !audio.muted)
    for (const other of others) other.muted = true
    const audio = new Audio(URL.createObjectURL(new Blob([wav.buffer], { type: 'audio/wav' })))
    await audio.play()
    const passes: number[][] = clicks.map(() => [])
    while (audio.currentTime < 7.7) {
      for (const [i, click] of clicks.entries())
        if (Math.abs(audio.currentTime - click) < 0.15)
          passes[i].push(performance.now() + (click - audio.currentTime) * 1000)
      await new Promise(requestAnimationFrame)
    }
    audio.pause()
    for (const other of others) other.muted = false
    return passes.map((readings) => readings.sort((a, b) => a - b)[readings.length >> 1])
  }, CLICKS)
}
