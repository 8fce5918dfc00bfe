// The local files that may be played: those below one folder, by their real path, and nothing else.

import { constants, type Stats } from 'node:fs'
import { access, opendir, realpath, stat } from 'node:fs/promises'
import { basename, extname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { MediaError } from './media-error.ts'

/**
 * `path` is relative to the library and is itself a query that plays the file, `real` is where it lies; `size` in bytes,
 * `modified` in milliseconds since 1970; `subtitles` lie beside it.
 */
export type LibraryFile = {
  path: string
  real: string
  title: string
  size: number
  modified: number
  subtitles: boolean
}

/** One that was named outright; what lies beside it was not looked at. */
export type NamedFile = Omit<LibraryFile, 'subtitles'>

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
   * The file `query` names, relative to the folder or absolute within it; undefined when nothing is there. Throws MediaError outside-media (by `..`, by absolute path, by symlink), unreadable, not-media.
   */
  async find(query: string): Promise<NamedFile | undefined> {
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
    return this.#describe(named, real, facts)
  }

  /** The media files below the folder, sorted by path: at most 2000, at most 8 folders deep, hidden ones left out. */
  async list(): Promise<LibraryFile[]> {
    const found: LibraryFile[] = []
    await this.#collect(this.#root, 0, found)
    return found.sort((a, b) => a.path.localeCompare(b.path))
  }

  #pathOf(file: string): string {
    return asQuery(relative(this.#root, file).split(sep).join('/'))
  }

  #describe(named: string, real: string, { size, mtimeMs }: Stats): NamedFile {
    return { path: this.#pathOf(named), real, title: titleOf(real), size, modified: Math.round(mtimeMs) }
  }

  async #collect(folder: string, depth: number, found: LibraryFile[]): Promise<void> {
    const films: string[] = []
    const subtitles: string[] = []
    try {
      for await (const entry of await opendir(folder)) {
        if (found.length + films.length >= MAX_ENTRIES) break
        if (entry.name.startsWith('.')) continue
        const path = join(folder, entry.name)
        // Links are left out of the list: one to a folder above would make it endless. Named outright they play,
        // when they lead to somewhere inside.
        if (entry.isDirectory() && depth < MAX_DEPTH) await this.#collect(path, depth + 1, found)
        else if (entry.isFile() && isMediaName(entry.name)) films.push(path)
        else if (entry.isFile() && /\.(?:srt|vtt)$/i.test(entry.name)) subtitles.push(path)
      }
      for (const film of films) {
        const stem = film.slice(0, -extname(film).length)
        const hasSubtitles = subtitles.some((path) => path.startsWith(`${stem}.`))
        found.push({ ...this.#describe(film, film, await stat(film)), subtitles: hasSubtitles })
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

/** Whether a file of this name is listed. */
export function isMediaName(name: string): boolean {
  return MEDIA_EXTENSIONS.has(extname(name).toLowerCase())
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
