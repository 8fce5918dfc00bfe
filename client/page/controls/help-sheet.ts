// The keys of the page, to be looked up.

import { build } from '../build.ts'
import type { Shortcut } from './keyboard.ts'
import { Sheet } from './sheet.ts'

/** A sheet with a line per shortcut. */
export function helpSheet(shortcuts: readonly Shortcut[]): Sheet {
  const sheet = new Sheet({ id: 'help-sheet', title: 'Keys' })
  const rows = shortcuts.map(({ shown, does }) =>
    build(
      'tr',
      {},
      build('td', {}, ...shown.split(' ').map((key) => build('kbd', {}, key))),
      build('td', {}, does),
    ),
  )
  sheet.body.append(
    build('table', { class: 'keys' }, build('tbody', {}, ...rows)),
    build(
      'p',
      { class: 'quiet small' },
      'On a touch screen: tap the picture for the controls, tap again to be rid of them.',
    ),
  )
  return sheet
}
