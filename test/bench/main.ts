// `npm run bench -- NAME [flags]`: measurements, one file each. Never two at once on a small machine.

const BENCHES = {
  loss: 'what a viewer sees when packets are lost, ours against whole frames',
  robust: 'a million damaged slices: no throw, bounded time, nothing painted beyond their own blocks',
  codec: 'bytes, quality and time of ours, of ASCILINE and of video codecs on a folder of clips',
  decode: 'what decoding costs in a real Chromium',
  stills: 'source, ours and raw ASCILINE side by side, to look at',
  render: 'what a picture costs on each rung of the screen, against fillText',
  commands: 'from a seek, a pause or a resume to its effect on a screen',
  sync: 'sound against picture, and how evenly the frames fall on the display',
  garbage: 'pauses of a playing page for garbage, and who makes it',
  starts: 'how soon picture and sound are there after Play, and the picture after joining',
  transport: 'what viewers on bad networks see, and what each costs; other stacks beside ours',
  isolation: 'what thirty joins at once do to those who watch, and what two hundred leave behind',
  soak: 'the first minute of fifty connections, DTLS record by record',
  fuzz: 'malformed messages by the ten thousand against the real program',
} as const

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2)
  if (name === undefined || !(name in BENCHES)) {
    const rows = Object.entries(BENCHES).map(([each, what]) => `  ${each.padEnd(12)}${what}`)
    process.stderr.write(`npm run bench -- NAME [flags]\n\n${rows.join('\n')}\n`)
    return 2
  }
  const bench = (await import(`./${name}.ts`)) as { run: (args: string[]) => Promise<void> }
  await bench.run(args)
  return 0
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`bench: ${error.message}\n`)
    process.exit(1)
  },
)
