// One thing that can be played, as a card: picture, title, what it is, and two small buttons.

import { build, button } from '../build.ts'
import type { Door } from '../door.ts'
import { icon } from '../icon.ts'
import type { Entry } from '../programme/listings.ts'
import { clockText, spokenTime } from '../programme/position.ts'
import { cardPicture } from './card-picture.ts'

export type CardOptions = {
  door: Door
  entry: Entry
  favourite: boolean
  onPlay: (entry: Entry) => void
  onEnqueue: (entry: Entry) => void
  onFavourite: (entry: Entry, on: boolean) => void
}

/** An item of a list. */
export function card({ door, entry, favourite, onPlay, onEnqueue, onFavourite }: CardOptions): HTMLLIElement {
  const { title, by, seconds, live, views, from } = entry
  const facts = [by, views === undefined ? '' : `${shortCount(views)} ${live ? 'watching' : 'views'}`].filter(
    (fact) => fact !== '',
  )
  const play = build(
    'button',
    { class: 'card-play', type: 'button', 'aria-label': spokenLabel(entry) },
    build(
      'span',
      { class: 'card-picture', 'aria-hidden': 'true' },
      cardPicture(entry, door),
      ...(live
        ? [build('span', { class: 'tag live' }, 'LIVE')]
        : seconds === undefined
          ? []
          : [build('span', { class: 'tag' }, clockText(seconds))]),
      ...(from > 0 && seconds !== undefined ? [resumeLine(from / seconds)] : []),
    ),
    build('span', { class: 'card-title' }, title),
    build('span', { class: 'card-facts' }, from > 0 ? `Go on at ${clockText(from)}` : facts.join(' · ')),
  )
  play.addEventListener('click', () => onPlay(entry))
  const star = button(
    {
      label: `Favourite: ${title}`,
      className: 'button icon card-star',
      onPress: () => {
        const on = star.getAttribute('aria-pressed') !== 'true'
        star.setAttribute('aria-pressed', String(on))
        onFavourite(entry, on)
      },
    },
    icon('star'),
  )
  star.setAttribute('aria-pressed', String(favourite))
  const add = button(
    {
      label: `Add to the queue: ${title}`,
      className: 'button icon card-add',
      onPress: () => onEnqueue(entry),
    },
    icon('enqueue'),
  )
  return build(
    'li',
    { class: 'card', 'data-query': entry.query },
    play,
    build('span', { class: 'card-tools' }, add, star),
  )
}

function resumeLine(share: number): HTMLElement {
  const line = build('span', { class: 'card-resume' })
  line.style.width = `${Math.min(100, share * 100)}%`
  return line
}

function spokenLabel({ title, by, seconds, live, from }: Entry): string {
  return [
    title,
    by,
    live ? 'live' : seconds === undefined ? '' : spokenTime(seconds),
    from > 0 ? `go on at ${spokenTime(from)}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

/** 950, 12K, 3.4M. */
export function shortCount(count: number): string {
  for (const [size, letter] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'K'],
  ] as const) {
    if (count < size) continue
    const value = count / size
    return `${value < 10 ? Math.floor(value * 10) / 10 : Math.floor(value)}${letter}`
  }
  return String(count)
}
