// Runs a short-lived tool (ffprobe, yt-dlp) to its end and hands back what it printed, bounded in bytes and in time.

import { ProcessGroup } from './process-group.ts'

export type ToolRun = {
  exitCode: number | null
  signal: NodeJS.Signals | null
  /** The tool never started. */
  failure?: NodeJS.ErrnoException
  /** Why it was ended by us, if it was. */
  cut?: 'timeout' | 'aborted' | 'too-much-output'
  stdout: string
  /** The same as bytes. */
  output: Buffer
  /** The last lines, oldest first. */
  stderr: string[]
}

/** Never throws; the outcome says everything. Aborting kills the tool's whole process group. */
export async function runTool({
  command,
  args,
  env,
  timeoutMs,
  maxStdoutBytes,
  signal,
}: {
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  timeoutMs: number
  maxStdoutBytes: number
  signal?: AbortSignal
}): Promise<ToolRun> {
  const group = new ProcessGroup({
    command,
    args,
    ...(env && { env }),
    ...(signal === undefined ? {} : { signal }),
  })
  let cut: ToolRun['cut']
  const timer = setTimeout(() => {
    cut ??= 'timeout'
    void group.close()
  }, timeoutMs)
  const chunks: Buffer[] = []
  let bytes = 0
  const stdout = group.pipe(1)
  const drained = new Promise<void>((resolve) => stdout.once('close', resolve))
  stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxStdoutBytes) {
      chunks.push(chunk)
      return
    }
    cut ??= 'too-much-output'
    chunks.length = 0
    void group.close()
  })
  const exit = await group.exited
  clearTimeout(timer)
  // The kill at its exit has closed the last writing end, so this cannot hang on a grandchild.
  await drained
  if (signal?.aborted) cut ??= 'aborted'
  const output = Buffer.concat(chunks)
  return {
    ...exit,
    ...(cut === undefined ? {} : { cut }),
    stdout: output.toString('utf8'),
    output,
    stderr: group.stderr,
  }
}
