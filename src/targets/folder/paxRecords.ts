import { InvalidContentError } from '../../oci/errors';

/** Key and value of one record. */
export type PaxRecord = readonly [string, string];

/**
 * The records of a pax header in their order, `<length> <key>=<value>\n` each; the last of a key counts. Read by their
 * lengths in bytes, so that a newline in a value cannot start a record of its own.
 * Errors: InvalidContentError for a record that breaks the form. Spec: POSIX.1-2017 pax, "pax Header Block".
 */
export function parsePaxRecords(body: Buffer, what: string): readonly PaxRecord[] {
  const records: PaxRecord[] = [];
  for (let start = 0; start < body.length;) {
    const end = start + recordLength(body, start, what);
    records.push(recordAt(body.subarray(body.indexOf(' ', start) + 1, end), what));
    start = end;
  }
  return records;
}

function recordLength(body: Buffer, start: number, what: string): number {
  const space = body.indexOf(' ', start);
  const digits = space < 0 ? '' : body.toString('latin1', start, space);
  const length = Number(digits);
  const fits = /^\d{1,9}$/.test(digits) && length > digits.length + 1 && start + length <= body.length;
  if (!fits) throw new InvalidContentError(what, 'an attribute of an entry has a wrong length');
  return length;
}

function recordAt(record: Buffer, what: string): PaxRecord {
  const equals = record.indexOf('=');
  const wellFormed = equals > 0 && record.at(-1) === 0x0a && !record.includes(0);
  if (!wellFormed) throw new InvalidContentError(what, 'an attribute of an entry has a wrong form');
  return [record.toString('utf8', 0, equals), record.toString('utf8', equals + 1, record.length - 1)];
}
