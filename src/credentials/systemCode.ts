/** Node's code of a failed system call (EACCES, ENOSPC ...); UNKNOWN for any other error. */
export function systemCodeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
