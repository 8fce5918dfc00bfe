import { expect, test } from 'vitest'
import { RateController, STEPS } from '../../../vendor/asciline/slice/rate-controller.ts'

const BUDGET = { bytesPerSecond: 90_000, fps: 30, steps: STEPS }
const PER_FRAME = 3000

test('a programme within its budget stays at the finest step', () => {
  const rate = new RateController(BUDGET)
  for (let frame = 0; frame < 300; frame += 1) {
    expect(rate.step).toBe(10)
    expect(rate.retryStep(PER_FRAME)).toBeUndefined()
    rate.push(PER_FRAME)
  }
})

test('a programme above its budget gets coarser steps, and finer ones again when it calms down', () => {
  const rate = new RateController(BUDGET)
  for (let frame = 0; frame < 40; frame += 1) rate.push(1.4 * PER_FRAME)
  const coarse = rate.step
  expect(coarse).toBeGreaterThan(12)
  for (let frame = 0; frame < 120; frame += 1) rate.push(PER_FRAME / 3)
  expect(rate.step).toBe(10)
})

test('the step never leaves 10 .. 40, however long the excess or the calm', () => {
  const rate = new RateController(BUDGET)
  for (let frame = 0; frame < 1000; frame += 1) rate.push(10 * PER_FRAME)
  expect(rate.step).toBe(40)
  expect(rate.retryStep(100 * PER_FRAME)).toBeUndefined()
  for (let frame = 0; frame < 5000; frame += 1) rate.push(0)
  expect(rate.step).toBe(10)
})

test('one frame far above the budget is worth a second encode at a coarser step', () => {
  const rate = new RateController(BUDGET)
  const retry = rate.retryStep(8 * PER_FRAME)
  // Twice what is affordable: 2 ^ (1 / 0.75) = 2.5 times the step.
  expect(retry).toBeGreaterThan(20)
  expect(retry).toBeLessThanOrEqual(30)
})

test('what is left for a frame and what was spent never exceed a quarter of a second above the budget', () => {
  const rate = new RateController(BUDGET)
  let spent = 0
  for (let frame = 1; frame <= 300; frame += 1) {
    const bytes = rate.limitBytes
    spent += bytes
    rate.push(bytes)
    expect(spent).toBeLessThanOrEqual(frame * PER_FRAME + BUDGET.bytesPerSecond / 4 + 1e-6)
  }
})

test('steps are few and whole quarters, so that a join is few slices', () => {
  const rate = new RateController(BUDGET)
  const steps = new Set<number>()
  for (let frame = 0; frame < 200; frame += 1) {
    steps.add(rate.step)
    rate.push(2 * PER_FRAME)
  }
  expect(steps.size).toBeLessThanOrEqual(13)
  for (const step of steps) expect(step * 4).toBe(Math.round(step * 4))
})

test('a reset forgets the past', () => {
  const rate = new RateController(BUDGET)
  for (let frame = 0; frame < 100; frame += 1) rate.push(5 * PER_FRAME)
  rate.reset()
  expect(rate.step).toBe(10)
  expect(rate.limitBytes).toBe(BUDGET.bytesPerSecond / 4 + PER_FRAME)
})

test('with one step to choose from it stays at that one', () => {
  const rate = new RateController({ ...BUDGET, steps: [7.25] })
  for (let frame = 0; frame < 40; frame += 1) rate.push(3 * PER_FRAME)
  expect(rate.step).toBe(7.25)
  expect(rate.retryStep(50 * PER_FRAME)).toBeUndefined()
})
