// What the screen and the remote control have in common: the door, the state, the commands, the start screen, the queue.

import type { FromServer, PresetName, SessionStatus } from '../../../signaling/messages.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import { Sheet } from '../controls/sheet.ts'
import { Door } from '../door.ts'
import { PinScreen } from '../pin-screen.ts'
import { QueueDrawer } from '../queue/queue-drawer.ts'
import { ticketIn } from '../remote/pairing.ts'
import { StartScreen } from '../start/start-screen.ts'
import { Commands } from './commands.ts'
import { ProgrammeState } from './programme-state.ts'

export type ProgrammePageOptions = {
  /** This device's name for the other viewers. */
  who: string
  preset: () => PresetName | undefined
  start: HTMLElement
  onPlay: () => void
  /** The door is open: connect. */
  onEnter: () => void
  /** The door is shut: the PIN page is there. */
  onLocked: () => void
}

/** Feeds the state from what the server says. */
export class ProgrammePage {
  readonly door = new Door()
  readonly state = new ProgrammeState()
  readonly commands: Commands
  readonly start: StartScreen
  readonly queue: Sheet
  readonly #options: ProgrammePageOptions
  readonly #drawer: QueueDrawer
  readonly #pinScreen: PinScreen
  #command = ''

  constructor(options: ProgrammePageOptions) {
    this.#options = options
    const { door, state } = this
    const { who, preset, start: parent } = options
    this.commands = new Commands({ door, state, who, preset, onLocked: () => this.lock() })
    this.start = new StartScreen({
      parent,
      door,
      commands: this.commands,
      onPlay: (query) => {
        this.commands.play(query)
        options.onPlay()
      },
    })
    this.queue = new Sheet({ id: 'queue-sheet', title: 'Up next' })
    this.#drawer = new QueueDrawer({ body: this.queue.body, commands: this.commands })
    state.onChange((facts) => this.#drawer.draw(facts))
    this.#drawer.draw(state.facts)
    this.#pinScreen = new PinScreen({
      enter: async (pin) => {
        await door.authenticate({ pin })
        this.#enter()
      },
    })
  }

  /** Goes in: with the ticket of the address, or the cookie; without either the PIN page comes up. */
  async open(): Promise<void> {
    const ticket = ticketIn(location.hash)
    if (ticket !== undefined) {
      // It is of no more use to anybody, and does not belong into a history or a photograph of the screen.
      history.replaceState(null, '', location.pathname + location.search)
      await this.door.authenticate({ ticket }).catch(() => undefined)
    }
    this.#enter()
  }

  lock(): void {
    this.state.change({ link: { kind: 'locked' } })
    this.#options.onLocked()
    this.#pinScreen.show()
  }

  /** A status, pushed or asked for. */
  hearStatus(status: SessionStatus): void {
    const { state } = this
    const before = state.facts.status
    // A refusal is answered by whatever happens next on the server, and small news is old then.
    const answered = status.session_id !== before?.session_id ? { refusal: undefined, notice: undefined } : {}
    state.change({ status, statusAt: localTime(performance.now()), ...answered })
    this.#tellCommand(status)
    // What is over is in the history now, and what failed may be.
    if (
      before !== undefined &&
      before.state !== status.state &&
      (status.state === 'idle' || status.state === 'error')
    )
      void this.start.refresh()
  }

  hearNews(list: 'queue' | 'library'): void {
    if (list === 'queue') void this.commands.fetchQueue()
    else void this.start.refresh()
  }

  hear(message: FromServer): void {
    if (message.type === 'status') this.hearStatus(message.status)
    else if (message.type === 'queue' || message.type === 'library') this.hearNews(message.type)
  }

  /** Lists may have changed while nobody was connected. */
  refresh(): void {
    void this.start.refresh()
    void this.commands.fetchQueue()
  }

  #enter(): void {
    this.#pinScreen.hide()
    this.state.change({ link: { kind: 'connecting' } })
    this.#options.onEnter()
  }

  /** Says what somebody else has done, once. */
  #tellCommand({ command, state }: SessionStatus): void {
    const key = `${command?.name} ${command?.who} ${state}`
    if (key === this.#command) return
    this.#command = key
    const words = command === undefined ? undefined : DEEDS[command.name]
    if (
      command === undefined ||
      words === undefined ||
      command.who === '' ||
      command.who === this.#options.who
    )
      return
    this.commands.notify(`${command.who}: ${words}`)
  }
}

const DEEDS: Readonly<Record<string, string>> = {
  pause: 'paused',
  resume: 'plays on',
  seek: 'went to another place',
  preset: 'changed the detail',
}
