// Entries of the queue that could not be played, so that somebody who comes back sees what was left out and why.

import { z } from 'zod'
import { ERROR_CODES } from '../../signaling/error-codes.ts'

export const failedItem = z.object({
  query: z.string(),
  title: z.string(),
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }),
})
export type FailedItem = z.infer<typeof failedItem>

const MAX_ITEMS = 20

/** The last twenty, each query once. */
export class FailedItems {
  #items: FailedItem[] = []

  /** The last first. */
  get items(): readonly FailedItem[] {
    return this.#items
  }

  push(item: FailedItem): void {
    this.remove(item.query)
    this.#items = [item, ...this.#items].slice(0, MAX_ITEMS)
  }

  remove(query: string): void {
    this.#items = this.#items.filter((one) => one.query !== query)
  }

  clear(): void {
    this.#items = []
  }
}
