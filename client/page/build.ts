// Makes elements from data, so that a component's markup stands beside what it does.

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** An element with attributes and children; `true` is an empty attribute, `false` and undefined are none. */
export function build<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    made.setAttribute(name, value === true ? '' : String(value))
  }
  made.append(...children)
  return made
}

export type ButtonOptions = {
  /** What a screen reader says, and what a mouse is told. */
  label: string
  id?: string
  className?: string
  onPress: () => void
}

/** A button that holds only an icon, or an icon and words. */
export function button(
  { label, id, className = 'button icon', onPress }: ButtonOptions,
  ...children: (Node | string)[]
) {
  const made = build(
    'button',
    { type: 'button', id, class: className, 'aria-label': label, title: label },
    ...children,
  )
  made.addEventListener('click', onPress)
  return made
}

/** Takes everything out of an element. */
export function empty(parent: Element): void {
  parent.textContent = ''
}

/** Writes only what has changed: a screen reader announces every write. */
export function write(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

/** Sets or removes an attribute when it is another than before. */
export function mark(target: Element, name: string, value: string | undefined): void {
  if (value === undefined) target.removeAttribute(name)
  else if (target.getAttribute(name) !== value) target.setAttribute(name, value)
}
