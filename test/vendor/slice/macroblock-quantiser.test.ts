import { expect, test } from 'vitest'
import { fillPicture, Picture, SliceDecoder } from '../../../vendor/asciline/index.ts'
import { MacroblockLevels } from '../../../vendor/asciline/slice/macroblock-levels.ts'
import { MacroblockQuantiser } from '../../../vendor/asciline/slice/macroblock-quantiser.ts'
import { SlicePacker } from '../../../vendor/asciline/slice/slice-packer.ts'
import { filmlike, noise } from '../moving-pictures.ts'

const SIZE = { cols: 48, rows: 24 }

test.each([
  ['a film', filmlike(SIZE), 10],
  ['noise', noise(SIZE), 33.75],
])(
  'what is painted from the levels of %s is what a decoder shows, sample for sample',
  (_, programme, step) => {
    const picture = new Picture(SIZE)
    fillPicture(picture, programme(0))
    const { macroblocks } = picture
    const levels = new MacroblockLevels({ macroblocks })
    const painted = new Picture(SIZE)
    const quantiser = new MacroblockQuantiser()
    for (let macroblock = 0; macroblock < macroblocks; macroblock += 1) {
      quantiser.whole(picture, macroblock, step * 4, levels)
      quantiser.paint(levels, macroblock, step * 4, painted)
    }
    const packer = new SlicePacker(picture)
    packer.begin({ frame: 0, epoch: 0, join: false })
    const addresses = Uint16Array.from({ length: macroblocks }, (_, address) => address)
    const plan = { levels, modes: new Uint8Array(macroblocks), ages: new Uint16Array(macroblocks) }
    packer.add(plan, addresses, 0, macroblocks, step)
    const decoder = new SliceDecoder(SIZE)
    for (const message of packer.take(packer.slices)) decoder.decode(message)
    for (const plane of ['y', 'cb', 'cr'] as const) expect(painted[plane]).toEqual(decoder.picture[plane])
  },
)

test('a macroblock is copied between sets with all its blocks, and nothing beside it', () => {
  const from = new MacroblockLevels({ macroblocks: 3 })
  const to = new MacroblockLevels({ macroblocks: 3 })
  from.levels.forEach((_, index) => void (from.levels[index] = index + 1))
  from.lasts.fill(63)
  to.copy(from, 1)
  expect(Array.from(to.lasts)).toEqual([0, 0, 0, 0, 63, 63, 63, 63, 0, 0, 0, 0])
  expect(to.levels.findIndex((level) => level !== 0)).toBe(256)
  expect(to.levels.findLastIndex((level) => level !== 0)).toBe(511)
  expect(to.levels[300]).toBe(301)
})
