// One person watching in a terminal: the page's player behind it, the terminal in front of it.

import type { CellRect, SessionStatus, Timeline } from '../../signaling/messages.ts'
import {
  type LocalTime,
  localTime,
  mediaTime,
  type Picture,
  PLAIN_LOOK,
} from '../../vendor/asciline/index.ts'
import { audioFrameAt, Player } from '../playback/index.ts'
import { columnsOf } from './display-text.ts'
import { type Door, DoorError } from './door.ts'
import type { KeyAction } from './keys.ts'
import { LocalSound, type SoundPlayer } from './local-sound.ts'
import { SessionLink } from './session-link.ts'
import { statusLine } from './status-line.ts'
import { Subtitles } from './subtitles.ts'
import { type CellStyle, placeOf, TerminalPicture } from './terminal-picture.ts'

const NOTICE_MS = 3000
const OFFSET_STEP_MS = 50
/** ffplay gives its first sample to the device 0.12 to 0.24 s after its start (five runs); [ and ] correct the rest. */
const SOUND_START_SECONDS = 0.25
/** Glyphs leave most of a cell dark, so they want lifting; half blocks are as bright as the source. */
const GLYPH_GAMMA = 1.6
const CLEAR = '\x1b[48;2;0;0;0m\x1b[2J'

export type ViewerOptions = {
  door: Door
  style: CellStyle
  /** Undefined for silence. */
  soundPlayer: SoundPlayer | undefined
  /** Writes to the terminal. */
  write: (output: Uint8Array | string) => void
  size: () => { columns: number; lines: number }
  onQuit: () => void
}

const now = (): LocalTime => localTime(performance.now())

export class TerminalViewer {
  readonly #options: ViewerOptions
  readonly #link: SessionLink
  readonly #player: Player
  readonly #subtitles: Subtitles
  #style: CellStyle
  #screen: TerminalPicture | undefined
  #grid = ''
  #drawnUntil = Number.NEGATIVE_INFINITY
  #status: SessionStatus | undefined
  #sound: LocalSound | undefined
  #soundOn: boolean
  #trouble: string | undefined
  #notice: { text: string; until: number } | undefined
  #line = ''

  constructor(options: ViewerOptions) {
    this.#options = options
    this.#style = options.style
    this.#soundOn = options.soundPlayer !== undefined
    this.#subtitles = new Subtitles(options.door)
    this.#player = new Player({
      sendControl: (text) => this.#link.sendControl(text),
      mayLag: true,
      sendFleeting: (text) => this.#link.sendFleeting(text),
      onTimeline: (timeline, newEpoch) => this.#announced(timeline, newEpoch),
      onEnded: () => this.#hush(),
    })
    this.#link = new SessionLink({
      door: options.door,
      onFrame: (message) => this.#player.onFrameMessage(message, now()),
      onControl: (text) => this.#player.onControlMessage(text, now()),
      onStatus: (status) => this.#hear(status),
      onOpen: () => this.#player.reconnected(),
      onTrouble: (reason) => {
        this.#trouble = reason
      },
    })
  }

  open(): void {
    this.#link.open()
  }

  close(): void {
    this.#hush()
    this.#link.close()
  }

  /** The terminal has another size, or something else was written over it. */
  redraw(): void {
    this.#screen = undefined
    this.#line = ''
    this.#options.write(CLEAR)
  }

  /** Shows what is due; to be called every few milliseconds. */
  tick(): void {
    const at = now()
    const shown = this.#player.tick(at)
    if (shown?.picture !== undefined && at >= this.#drawnUntil && (shown.fresh || this.#screen === undefined))
      this.#draw(shown.picture)
    this.#tellLine(at)
  }

  press(action: KeyAction): void {
    switch (action) {
      case 'quit':
        this.#options.onQuit()
        break
      case 'pause-or-resume':
        this.#command(
          this.#status?.state === 'paused' || this.#status?.state === 'error' ? 'resume' : 'pause',
        )
        break
      case 'back':
        this.#command('seek', { by: -10 })
        break
      case 'forward':
        this.#command('seek', { by: 10 })
        break
      case 'next':
      case 'previous':
        this.#command(action)
        break
      case 'sound':
        this.#toggleSound()
        break
      case 'style':
        this.#style = this.#style === 'halves' ? 'glyphs' : 'halves'
        this.redraw()
        break
      case 'subtitles':
        this.#subtitles.next().then(
          (text) => this.#say(text),
          (error: Error) => this.#say(error.message),
        )
        break
      case 'earlier':
      case 'later':
        this.#player.aim.avOffsetMs += action === 'later' ? OFFSET_STEP_MS : -OFFSET_STEP_MS
        this.#say(`picture ${this.#player.aim.avOffsetMs} ms later`)
        break
    }
  }

  #draw(picture: Picture): void {
    const { columns, lines } = this.#options.size()
    const part = partOf(picture, this.#player.timeline)
    const grid = `${picture.cols}x${picture.rows} ${JSON.stringify(part)}`
    if (this.#screen === undefined || grid !== this.#grid) {
      this.#grid = grid
      this.#options.write(CLEAR)
      this.#line = ''
      this.#screen = new TerminalPicture({
        place: placeOf(part, columns, lines - 1),
        part,
        style: this.#style,
        look: { ...PLAIN_LOOK, gamma: this.#style === 'glyphs' ? GLYPH_GAMMA : 1 },
      })
    }
    const from = performance.now()
    const position = this.#player.serverTime(now())
    const caption = this.#screen.caption(position === undefined ? [] : this.#subtitles.at(position))
    const output = this.#screen.draw(picture)
    if (output.length > 0) this.#options.write(output)
    if (caption !== '') this.#options.write(caption)
    // A terminal is written to synchronously: where it is slow (ssh), the network must get its half of the time.
    this.#drawnUntil = 2 * performance.now() - from
  }

  /** The line at the bottom, when it has changed. */
  #tellLine(at: LocalTime): void {
    const { columns, lines } = this.#options.size()
    if (this.#notice !== undefined && at > this.#notice.until) this.#notice = undefined
    const position = this.#player.serverTime(at)
    const line = statusLine(
      {
        status: this.#status,
        position,
        way: this.#link.way,
        notice: this.#notice?.text ?? (this.#link.way === undefined ? this.#trouble : undefined),
      },
      columns,
    )
    if (line === this.#line) return
    this.#line = line
    this.#options.write(
      `\x1b[${lines};1H\x1b[0;38;2;160;160;160;48;2;24;24;24m${line}${' '.repeat(Math.max(0, columns - columnsOf(line)))}\x1b[0m`,
    )
  }

  #announced(timeline: Timeline, newEpoch: boolean): void {
    if (timeline.paused) this.#hush()
    else if (newEpoch || this.#sound === undefined) this.#listen(timeline)
  }

  #listen(timeline: Timeline): void {
    this.#hush()
    const { soundPlayer, door } = this.#options
    if (soundPlayer === undefined || !this.#soundOn) return
    const sound = new LocalSound({
      player: soundPlayer,
      open: (signal) => {
        const position = this.#player.serverTime(now()) ?? timeline.start
        const from = audioFrameAt(timeline, mediaTime(position + SOUND_START_SECONDS))
        return door.sound(timeline.epoch, Math.max(0, from), signal)
      },
      onFailed: (reason) => this.#say(`no sound: ${reason}`),
    })
    this.#sound = sound
  }

  #hush(): void {
    this.#sound?.stop()
    this.#sound = undefined
  }

  #toggleSound(): void {
    if (this.#options.soundPlayer === undefined) {
      this.#say('no sound: neither ffplay nor mpv is installed')
      return
    }
    this.#soundOn = !this.#soundOn
    this.#say(this.#soundOn ? 'sound on' : 'sound off')
    const { timeline } = this.#player
    if (this.#soundOn && timeline !== undefined && !timeline.paused) this.#listen(timeline)
    else this.#hush()
  }

  #hear(status: SessionStatus): void {
    if (status.session_id !== this.#status?.session_id) this.#subtitles.forget()
    this.#status = status
  }

  #command(name: string, body?: object): void {
    this.#options.door.command(name, body).catch((error: Error) => {
      // Somebody was faster, and the screen shows it.
      if (error instanceof DoorError && error.code === 'superseded') return
      this.#say(error.message)
    })
  }

  #say(text: string): void {
    this.#notice = { text, until: performance.now() + NOTICE_MS }
  }
}

/** The cells between the bars of a picture; all of it where nobody says otherwise, or says what cannot be. */
function partOf({ cols, rows }: Picture, timeline: Timeline | undefined): CellRect {
  const part = timeline?.picture
  const whole = { x: 0, y: 0, width: cols, height: rows }
  // While the picture of another grid still stands, the rectangle is not of it.
  if (part === undefined || timeline?.cols !== cols || timeline.rows !== rows) return whole
  return part.x + part.width <= cols && part.y + part.height <= rows ? part : whole
}
