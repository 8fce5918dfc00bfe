// What outlives a restart, in one SQLite file: the queue, what was watched and how far, the favourites. Every change is
// on the disk when the method returns, so a kill -9 loses nothing that was answered.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { z } from 'zod'

/** `query` is what plays it. */
export const queueItem = z.object({ id: z.number(), query: z.string(), title: z.string() })
export type QueueItem = z.infer<typeof queueItem>

/** `position` is where to go on, 0 when it was watched to its end; `watchedAt` in milliseconds since 1970. */
export const historyItem = z.object({
  query: z.string(),
  title: z.string(),
  duration: z.number().nullable(),
  position: z.number(),
  watchedAt: z.number(),
  live: z.boolean(),
})
export type HistoryItem = z.infer<typeof historyItem>

export const favourite = z.object({ query: z.string(), title: z.string(), addedAt: z.number() })
export type Favourite = z.infer<typeof favourite>

export const MAX_QUEUE = 500
const MAX_HISTORY = 1000
const MAX_FAVOURITES = 1000

const SCHEMA = `
  create table if not exists queue (id integer primary key autoincrement, place real not null, query text not null, title text not null);
  create table if not exists history (query text primary key, title text not null, duration real, position real not null, watched_at integer not null, live integer not null);
  create index if not exists history_by_time on history (watched_at);
  create table if not exists favourites (query text primary key, title text not null, added_at integer not null);
`

/** Throws when the folder cannot be written; without one it lives as long as the process. */
export class Store {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor({ folder }: { folder?: string } = {}) {
    if (folder !== undefined) mkdirSync(folder, { recursive: true })
    this.#db = new DatabaseSync(folder === undefined ? ':memory:' : join(folder, 'programme.sqlite'))
    // The write-ahead log survives the death of this process; `normal` may lose the last moment when the power fails.
    this.#db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 2000;')
    this.#db.exec(SCHEMA)
  }

  queue(): QueueItem[] {
    return this.#all('select id, query, title from queue order by place').map((row) => queueItem.parse(row))
  }

  /** Undefined when the queue is full. `first` puts it at the head. */
  enqueue({
    query,
    title,
    first = false,
  }: {
    query: string
    title: string
    first?: boolean
  }): QueueItem | undefined {
    const { count, low, high } = this.#one(
      'select count(*) count, min(place) low, max(place) high from queue',
    ) as {
      count: number
      low: number | null
      high: number | null
    }
    if (count >= MAX_QUEUE) return undefined
    const place = first ? (low ?? 0) - 1 : (high ?? 0) + 1
    const { lastInsertRowid } = this.#run(
      'insert into queue (place, query, title) values (?, ?, ?)',
      place,
      query,
      title,
    )
    return { id: Number(lastInsertRowid), query, title }
  }

  /** False when there is no such entry. */
  unqueue(id: number): boolean {
    return this.#run('delete from queue where id = ?', id).changes > 0
  }

  /** Takes and removes the head. */
  shift(): QueueItem | undefined {
    const [head] = this.queue()
    if (head !== undefined) this.unqueue(head.id)
    return head
  }

  clearQueue(): void {
    this.#run('delete from queue')
  }

  /** Puts an entry at `index` of the queue (0 is the head). False when there is no such entry. */
  reorder(id: number, index: number): boolean {
    const ids = this.queue().map((item) => item.id)
    const at = ids.indexOf(id)
    if (at < 0) return false
    ids.splice(at, 1)
    ids.splice(index, 0, id)
    this.#db.exec('begin')
    try {
      for (const [place, each] of ids.entries())
        this.#run('update queue set place = ? where id = ?', place, each)
      this.#db.exec('commit')
    } catch (error) {
      this.#db.exec('rollback')
      throw error
    }
    return true
  }

  /** Newest first. */
  history(limit = 50): HistoryItem[] {
    return this.#all(
      'select query, title, duration, position, watched_at watchedAt, live from history order by watched_at desc, rowid desc limit ?',
      limit,
    ).map((row) => historyItem.parse({ ...row, live: row.live === 1 }))
  }

  watched({ query, title, duration, position, watchedAt, live }: HistoryItem): void {
    this.#run(
      `insert into history (query, title, duration, position, watched_at, live) values (?, ?, ?, ?, ?, ?)
       on conflict (query) do update set title = excluded.title, duration = excluded.duration,
       position = excluded.position, watched_at = excluded.watched_at, live = excluded.live`,
      query,
      title,
      duration,
      position,
      watchedAt,
      live ? 1 : 0,
    )
    this.#run(
      'delete from history where query not in (select query from history order by watched_at desc limit ?)',
      MAX_HISTORY,
    )
  }

  /** Seconds to go on at; 0 when it is not known or was watched to its end. */
  resumeAt(query: string): number {
    const row = this.#one('select position from history where query = ?', query)
    return typeof row?.position === 'number' ? row.position : 0
  }

  forget(query?: string): void {
    if (query === undefined) this.#run('delete from history')
    else this.#run('delete from history where query = ?', query)
  }

  favourites(): Favourite[] {
    return this.#all(
      'select query, title, added_at addedAt from favourites order by added_at desc, rowid desc',
    ).map((row) => favourite.parse(row))
  }

  addFavourite({ query, title, addedAt }: Favourite): void {
    this.#run(
      'insert or replace into favourites (query, title, added_at) values (?, ?, ?)',
      query,
      title,
      addedAt,
    )
    this.#run(
      'delete from favourites where query not in (select query from favourites order by added_at desc limit ?)',
      MAX_FAVOURITES,
    )
  }

  removeFavourite(query: string): boolean {
    return this.#run('delete from favourites where query = ?', query).changes > 0
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #all(sql: string, ...values: (string | number | null)[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values)
  }

  #one(sql: string, ...values: (string | number | null)[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values)
  }

  #run(sql: string, ...values: (string | number | null)[]) {
    return this.#statement(sql).run(...values)
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const made = this.#db.prepare(sql)
    this.#statements.set(sql, made)
    return made
  }
}
