// Transmission sequence numbers of SCTP: 32 bits, going round.

/** a > b in 32-bit serial arithmetic. */
export const tsnAfter = (a: number, b: number): boolean => {
  const distance = (a - b) >>> 0
  return distance !== 0 && distance < 0x80000000
}
