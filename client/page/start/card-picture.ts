// The picture of a card: an image of a site, a still of a local film, or a field of characters where there is neither.

import { build } from '../build.ts'
import type { Door } from '../door.ts'
import type { Entry } from '../programme/listings.ts'
import { drawAscii, patternOf } from './ascii-picture.ts'
import { fetchStill, isStill } from './still.ts'

/** As wide as tall as a card's picture, in cells. */
const PATTERN = { cols: 40, rows: 11 }

/** The characters are there at once; what is better takes their place when it has come and the card is seen. */
export function cardPicture({ picture: path, title }: Entry, door: Door): HTMLElement {
  const canvas = build('canvas', {})
  drawAscii(canvas, patternOf(title, PATTERN))
  if (path === undefined) return canvas
  const holder = build('span', { class: 'card-drawing' }, canvas)
  if (isStill(path)) whenSeen(holder, () => void draw(canvas, path, door))
  else {
    const image = build('img', { src: path, alt: '', loading: 'lazy', decoding: 'async', hidden: true })
    image.addEventListener('load', () => {
      image.hidden = false
      canvas.remove()
    })
    whenSeen(holder, () => holder.append(image))
  }
  return holder
}

async function draw(canvas: HTMLCanvasElement, path: string, door: Door): Promise<void> {
  const picture = await fetchStill(door, path).catch(() => undefined)
  if (picture !== undefined) drawAscii(canvas, picture)
}

function whenSeen(element: Element, then: () => void): void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return
    observer.disconnect()
    then()
  })
  observer.observe(element)
}
