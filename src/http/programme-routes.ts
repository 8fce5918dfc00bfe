// The queue, what was watched, and the favourites.

import { z } from 'zod'
import { sessionStatus } from '../../signaling/messages.ts'
import { failedItem } from '../programme/failed-items.ts'
import type { Programme } from '../programme/programme.ts'
import { favourite, historyItem, queueItem, type Store } from '../programme/store.ts'
import { HttpError } from './http-error.ts'
import { picturePath } from './picture-path.ts'
import { type Route, route, who } from './route.ts'

export type ProgrammeRoutesOptions = { store: Store; programme: Programme }

const query = z.string().trim().min(1).max(2000)
const title = z.string().trim().max(300).optional()
const thumbnail = { thumbnail: z.string().nullable() }
const queue = z.object({
  queue: z.array(queueItem.extend(thumbnail)),
  failed: z.array(failedItem.extend(thumbnail)),
})
const history = z.object({ history: z.array(historyItem.extend(thumbnail)) })
const favourites = z.object({ favourites: z.array(favourite.extend(thumbnail)) })
const id = z.int().positive()

export function programmeRoutes({ store, programme }: ProgrammeRoutesOptions): Route[] {
  const entries = () => ({ queue: pictured(store.queue()), failed: pictured(programme.failed) })
  const changed = ({ cleared = false } = {}) => {
    programme.queueChanged({ cleared })
    return entries()
  }
  const needed = (found: boolean) => {
    if (!found) throw new HttpError('not-found', 'This is not in the list (any more).')
  }
  const kept = () => ({ favourites: pictured(store.favourites()) })
  return [
    route({
      method: 'GET',
      path: '/api/queue',
      summary: 'What comes next, in order; and what of it could not be played.',
      answer: queue,
      handle: entries,
    }),
    route({
      method: 'POST',
      path: '/api/queue/add',
      summary: 'Put something at the end of the queue, or with `first` at its head.',
      body: z.object({ query, title, first: z.boolean().optional() }),
      answer: queue,
      errors: ['queue-full'],
      handle: ({ body }) => {
        const { first = false } = body
        const added = store.enqueue({ query: body.query, title: body.title || body.query, first })
        if (added === undefined) throw new HttpError('queue-full', 'The queue has no room for more.')
        return changed()
      },
    }),
    route({
      method: 'POST',
      path: '/api/queue/remove',
      summary: 'Take an entry out of the queue.',
      body: z.object({ id }),
      answer: queue,
      errors: ['not-found'],
      handle: ({ body }) => {
        needed(store.unqueue(body.id))
        return changed()
      },
    }),
    route({
      method: 'POST',
      path: '/api/queue/move',
      summary: 'Put an entry at another place; 0 is the head.',
      body: z.object({ id, index: z.int().min(0).max(10_000) }),
      answer: queue,
      errors: ['not-found'],
      handle: ({ body }) => {
        needed(store.reorder(body.id, body.index))
        return changed()
      },
    }),
    route({
      method: 'POST',
      path: '/api/queue/clear',
      summary: 'Empty the queue.',
      answer: queue,
      handle: () => {
        store.clearQueue()
        return changed({ cleared: true })
      },
    }),
    route({
      method: 'POST',
      path: '/api/next',
      summary: 'Go to the head of the queue.',
      body: z.object({ who }),
      answer: sessionStatus,
      status: 202,
      errors: ['nothing-playing'],
      handle: ({ body }) => programme.next(body),
    }),
    route({
      method: 'POST',
      path: '/api/next/cancel',
      summary: 'Call off the entry of the queue that would start by itself; it stays in the queue.',
      body: z.object({ who }),
      answer: sessionStatus,
      handle: ({ body }) => programme.cancelNext(body),
    }),
    route({
      method: 'POST',
      path: '/api/previous',
      summary: 'Go back to what was on before; what is on becomes the head of the queue.',
      body: z.object({ who }),
      answer: sessionStatus,
      status: 202,
      errors: ['nothing-playing'],
      handle: ({ body }) => programme.previous(body),
    }),
    route({
      method: 'GET',
      path: '/api/history',
      summary: 'What was watched, newest first, and where to go on.',
      query: z.object({ n: z.coerce.number().int().min(1).max(1000).default(50) }),
      answer: history,
      handle: ({ query: { n } }) => ({ history: pictured(store.history(n)) }),
    }),
    route({
      method: 'POST',
      path: '/api/history/forget',
      summary: 'Forget one entry, or all when no query is given.',
      body: z.object({ query: query.optional() }),
      answer: history,
      handle: ({ body }) => {
        store.forget(body.query)
        return { history: pictured(store.history()) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/favourites',
      summary: 'What somebody wants to find again, newest first.',
      answer: favourites,
      handle: kept,
    }),
    route({
      method: 'POST',
      path: '/api/favourites/add',
      summary: 'Keep something.',
      body: z.object({ query, title }),
      answer: favourites,
      handle: ({ body }) => {
        store.addFavourite({ query: body.query, title: body.title || body.query, addedAt: Date.now() })
        return kept()
      },
    }),
    route({
      method: 'POST',
      path: '/api/favourites/remove',
      summary: 'Keep it no longer.',
      body: z.object({ query }),
      answer: favourites,
      errors: ['not-found'],
      handle: ({ body }) => {
        needed(store.removeFavourite(body.query))
        return kept()
      },
    }),
  ]
}

function pictured<T extends { query: string }>(items: readonly T[]): (T & { thumbnail: string | null })[] {
  return items.map((item) => ({ ...item, thumbnail: picturePath(item.query) }))
}
