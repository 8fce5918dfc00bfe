// The keys of the page, in one table that the help sheet shows too.

export type Shortcut = {
  /** As KeyboardEvent.key has them. */
  keys: readonly string[]
  /** As a person reads them. */
  shown: string
  does: string
  run: () => void
}

/**
 * The shortcut that a key means; undefined for none, with Ctrl, Alt or Meta, and where the key is somebody's text or presses
 * the button that has the focus.
 */
export function shortcutFor(
  shortcuts: readonly Shortcut[],
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>,
): Shortcut | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  const { key } = event
  const role = roleOf(event.target)
  if (role === 'text') return undefined
  if (role === 'button' && (key === ' ' || key === 'Enter')) return undefined
  if (role === 'range' && (key === ' ' || key.startsWith('Arrow'))) return undefined
  return shortcuts.find(({ keys }) => keys.includes(key.length === 1 ? key.toLowerCase() : key))
}

function roleOf(target: EventTarget | null): 'text' | 'button' | 'range' | 'other' {
  const { tagName, type } = (target ?? {}) as { tagName?: string; type?: string }
  if (tagName === 'INPUT') return type === 'range' ? 'range' : 'text'
  if (tagName === 'TEXTAREA') return 'text'
  return tagName === 'BUTTON' || tagName === 'A' ? 'button' : 'other'
}

/** Listens to the whole page while `active` says so. */
export function listenToKeys(shortcuts: readonly Shortcut[], active: () => boolean): void {
  document.addEventListener('keydown', (event) => {
    if (!active()) return
    const found = shortcutFor(shortcuts, event)
    if (found === undefined) return
    event.preventDefault()
    found.run()
  })
}
