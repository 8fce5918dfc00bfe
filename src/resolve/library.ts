// The local files that may be played: those below one folder, by their real path, and nothing else.

import { constants } from 'node:fs'
import { access, opendir, realpath, stat } from 'node:fs/promises'
import { basename, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { MediaError } from './media-error.ts'

/** `path` is relative to the library and is itself a query that plays the file. */
export type LibraryEntry = { path: string; title: string }

const MAX_ENTRIES = 2000
const MAX_DEPTH = 8
const MEDIA_EXTENSIONS = new Set(
  '.mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ts .m2ts .mts .wmv .flv .ogv .3gp .gif .mp3 .m4a .aac .flac .ogg .oga .opus .wav .wma'.split(
    ' ',
  ),
)

/** A folder of media. */
export class Library {
  readonly #root: string

  constructor({ root }: { root: string }) {
    this.#root = resolve(root)
  }

  /**
   * The real path of the file `query` names, relative to the folder or absolute within it, and the path below the folder that
   * names it again; undefined when nothing is there. Throws MediaError outside-media (by `..`, by absolute path, by symlink), unreadable, not-media.
   */
  async find(query: string): Promise<{ real: string; path: string } | undefined> {
    const named = resolve(this.#root, query)
    // Before the file system is asked, so that the answer does not tell what exists elsewhere.
    if (!isInside(this.#root, named)) throw outside()
    const [root, real] = await Promise.all([realpathOrNothing(this.#root), realpathOrNothing(named)])
    if (root === undefined || real === undefined) return undefined
    if (!isInside(root, real)) throw outside()
    const facts = await stat(real)
    // A folder's name is no file; as a search it may still mean something.
    if (facts.isDirectory()) return undefined
    if (!facts.isFile()) throw new MediaError('not-media', 'This is not a regular file.')
    try {
      await access(real, constants.R_OK)
    } catch {
      throw new MediaError('unreadable', 'The server may not read this file: check its permissions.')
    }
    return { real, path: this.#pathOf(named) }
  }

  /** The media files below the folder, sorted by path: at most 2000, at most 8 folders deep, hidden ones left out. */
  async list(): Promise<LibraryEntry[]> {
    const found: LibraryEntry[] = []
    await this.#collect(this.#root, 0, found)
    return found.sort((a, b) => a.path.localeCompare(b.path))
  }

  #pathOf(file: string): string {
    return asQuery(relative(this.#root, file).split(sep).join('/'))
  }

  async #collect(folder: string, depth: number, found: LibraryEntry[]): Promise<void> {
    try {
      for await (const entry of await opendir(folder)) {
        if (found.length >= MAX_ENTRIES) return
        if (entry.name.startsWith('.')) continue
        const path = join(folder, entry.name)
        // Links are left out of the list: one to a folder above would make it endless. Named outright they play,
        // when they lead to somewhere inside.
        if (entry.isDirectory() && depth < MAX_DEPTH) await this.#collect(path, depth + 1, found)
        else if (entry.isFile() && MEDIA_EXTENSIONS.has(extname(entry.name).toLowerCase())) {
          found.push({ path: this.#pathOf(path), title: titleOf(path) })
        }
      }
    } catch {
      // A folder that cannot be read hides its own files only.
    }
  }
}

/** Names that would be refused, or read as something else, are paths beyond doubt with `./` before them. */
function asQuery(path: string): string {
  return /^[-~\s]|:/.test(path) ? `./${path}` : path
}

/** A file's name without folder and extension. */
export function titleOf(path: string): string {
  return basename(path, extname(path))
}

/** Whether a query is written as a path, so that "no such file" is a better answer than a search for it. */
export function looksLikePath(query: string): boolean {
  return (
    isAbsolute(query) ||
    /^\.{1,2}[/\\]/.test(query) ||
    query.split(/[/\\]/).includes('..') ||
    query.startsWith('~/')
  )
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

async function realpathOrNothing(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch {
    return undefined
  }
}

function outside(): MediaError {
  return new MediaError('outside-media', 'This path leads out of the media folder.')
}
