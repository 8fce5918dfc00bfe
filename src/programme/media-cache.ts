// What was found out about local files and the pictures taken of them, in one SQLite file that can be deleted at any time.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Still } from '../source/still.ts'

/** What ffprobe says of a file; `playable` false when it could not be read as media. */
export const fileFacts = z.object({
  playable: z.boolean(),
  duration: z.number().nullable(),
  live: z.boolean(),
  frameRate: z.number(),
  width: z.number(),
  height: z.number(),
  hasVideo: z.boolean(),
  hasAudio: z.boolean(),
  coverArt: z.boolean(),
  untaggedHd: z.boolean(),
  videoStream: z.number().optional(),
  audioStream: z.number().optional(),
})
export type FileFacts = z.infer<typeof fileFacts>

const SCHEMA = `
  create table if not exists facts (key text primary key, facts text not null);
  create table if not exists stills (key text primary key, cols integer not null, rgb blob not null);
`

/** Keys name a file in one state: its path, the time of its last change and its size. The oldest entries make room. */
export class MediaCache {
  readonly #db: DatabaseSync
  /** What has been read or written once: a list of two thousand files asks for all of them every time. */
  readonly #known = new Map<string, FileFacts>()
  readonly #maxFacts: number
  readonly #maxStills: number

  /** Throws when the folder cannot be written; without one it lives as long as the process. A picture takes some 5 kB. */
  constructor({
    folder,
    maxFacts = 5000,
    maxStills = 5000,
  }: { folder?: string; maxFacts?: number; maxStills?: number } = {}) {
    if (folder !== undefined) mkdirSync(folder, { recursive: true })
    this.#db = new DatabaseSync(folder === undefined ? ':memory:' : join(folder, 'media.sqlite'))
    // Nothing here is missed when the power fails.
    this.#db.exec('pragma journal_mode = wal; pragma synchronous = off; pragma busy_timeout = 2000;')
    this.#db.exec(SCHEMA)
    this.#maxFacts = maxFacts
    this.#maxStills = maxStills
  }

  facts(key: string): FileFacts | undefined {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const row = this.#db.prepare('select facts from facts where key = ?').get(key)
    // Written by an older version it may lack something; then it is found out again.
    const facts = row && fileFacts.safeParse(JSON.parse(String(row.facts))).data
    if (facts !== undefined) this.#remember(key, facts)
    return facts
  }

  keepFacts(key: string, facts: FileFacts): void {
    this.#db
      .prepare('insert or replace into facts (key, facts) values (?, ?)')
      .run(key, JSON.stringify(facts))
    this.#trim('facts', this.#maxFacts)
    this.#remember(key, facts)
  }

  still(key: string): Still | undefined {
    const row = this.#db.prepare('select cols, rgb from stills where key = ?').get(key)
    if (row === undefined || !(row.rgb instanceof Uint8Array)) return undefined
    const cols = Number(row.cols)
    return { cols, rows: row.rgb.length / 3 / cols, rgb: row.rgb }
  }

  keepStill(key: string, { cols, rgb }: Still): void {
    this.#db.prepare('insert or replace into stills (key, cols, rgb) values (?, ?, ?)').run(key, cols, rgb)
    this.#trim('stills', this.#maxStills)
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #remember(key: string, facts: FileFacts): void {
    this.#known.set(key, facts)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.#maxFacts) return
      this.#known.delete(oldest)
    }
  }

  #trim(table: 'facts' | 'stills', most: number): void {
    this.#db.prepare(`delete from ${table} where rowid <= (select max(rowid) from ${table}) - ?`).run(most)
  }
}
