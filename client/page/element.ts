// Finds the page's own elements; one that is missing is our mistake and stops the page at once.

/** The element with this id, as the class the caller needs. Throws when index.html and the code disagree. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`)
  return found
}
