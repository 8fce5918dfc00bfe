import { expect, test } from 'vitest'
import { CommandError } from '../../../src/session/failure.ts'
import { type Loss, recover } from '../../../src/session/recover.ts'
import { Retries } from '../../../src/session/retries.ts'

const loss = (more: Partial<Loss> = {}): Loss => ({
  error: new CommandError({ code: 'source-lost', message: 'It fell silent.' }),
  at: 3723,
  played: 0,
  shown: true,
  remote: true,
  secondTry: false,
  retries: new Retries(),
  ...more,
})

test('a lost source is tried again with new addresses, a lost file without', () => {
  expect(recover(loss())).toEqual({
    waitMs: 500,
    fresh: true,
    trouble: { code: 'source-lost', message: 'It fell silent. Trying again (1 of 3).' },
  })
  expect(recover(loss({ remote: false })).fresh).toBe(false)
})

test('after three tries it is an error that names the place', () => {
  const retries = new Retries()
  for (let count = 0; count < 3; count++) recover(loss({ retries }))
  expect(() => recover(loss({ retries }))).toThrow(
    'It broke off at 1:02:03 and could not be opened again in 3 tries. It fell silent.',
  )
  expect(() => recover(loss({ retries, at: 187 }))).toThrow('at 3:07 ')
})

test('what was never shown is asked for anew once, when its address may have died', () => {
  const error = new CommandError({ code: 'source-failed', message: '403' })
  expect(recover(loss({ error, shown: false }))).toEqual({ waitMs: 0, fresh: true })
  expect(() => recover(loss({ error, shown: false, secondTry: true }))).toThrow('403')
  expect(() => recover(loss({ error, shown: false, remote: false }))).toThrow('403')
  expect(() => recover(loss({ shown: false }))).toThrow('It fell silent.')
})

test('a fault of ours is not tried again', () => {
  const error = new TypeError('x is not a function')
  expect(() => recover(loss({ error }))).toThrow(error)
})
