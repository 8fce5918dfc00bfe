// Which key does what.

export type KeyAction =
  | 'quit'
  | 'pause-or-resume'
  | 'back'
  | 'forward'
  | 'next'
  | 'previous'
  | 'sound'
  | 'style'
  | 'subtitles'
  | 'earlier'
  | 'later'

const ACTIONS: Record<string, KeyAction> = {
  q: 'quit',
  escape: 'quit',
  space: 'pause-or-resume',
  left: 'back',
  right: 'forward',
  n: 'next',
  p: 'previous',
  m: 'sound',
  g: 'style',
  c: 'subtitles',
  '[': 'earlier',
  ']': 'later',
}

/** What a key of node:readline means; undefined when nothing. */
export function actionOf(key: {
  name?: string | undefined
  sequence?: string
  ctrl?: boolean
}): KeyAction | undefined {
  if (key.ctrl) return key.name === 'c' || key.name === 'd' ? 'quit' : undefined
  return ACTIONS[key.name ?? key.sequence ?? '']
}
