// The first seconds of several connections, record by record. `npm run bench -- soak` does it with fifty, for a minute.

import { expect, test } from 'vitest'
import { soak } from '../../bench/soak.ts'
import { RecordBook } from './record-book.ts'

test('in the first seconds no record number and no nonce is used twice, and nothing is lost that nobody lost', async () => {
  const report = await soak({ connections: 10, seconds: 4 })
  expect(report).toMatchObject({
    repeatedNumbers: 0,
    repeatedNonces: 0,
    missingNumbers: 0,
    injected: 0,
    slicesMissing: 0,
  })
  expect(report.records).toBeGreaterThan(10 * 2 * 24)
  expect(report.slicesSent).toBeGreaterThan(10 * 24)
}, 60_000)

test('the book sees a number, and a nonce, that is used twice or left out', () => {
  const record = (number: number, nonce: number, fill: number) => {
    const bytes = Buffer.alloc(13 + 8 + 4, fill)
    bytes.write('17fefd0001', 'hex')
    bytes.writeUIntBE(number, 5, 6)
    bytes.writeUInt16BE(12, 11)
    bytes.writeBigUInt64BE(BigInt(nonce), 13)
    return bytes
  }
  const book = new RecordBook()
  book.read(Buffer.concat([record(0, 10, 1), record(1, 11, 1)]))
  // The same datagram once more is the network's doing.
  book.read(record(1, 11, 1))
  expect(book).toMatchObject({ records: 2, repeatedNumbers: 0, repeatedNonces: 0, missing: 0 })
  book.read(record(1, 12, 2))
  book.read(record(3, 11, 3))
  book.read(Buffer.from('0001', 'hex'))
  expect(book).toMatchObject({ records: 4, repeatedNumbers: 1, repeatedNonces: 1, missing: 1 })
})
