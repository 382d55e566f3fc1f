import { isUtf8 } from 'node:buffer';
import type { Send } from './outgoing';

const WARNING = /299\s+(?:-|[^\s",]+)\s+"((?:[^"\\]|\\.)*)"/g;
const MAX_REMEMBERED = 1000;

/** The texts of `Warning: 299 - "text"`, several in one header too; empty ones are left out. Spec: distribution-spec v1.1.1, "Warnings". */
export function parseWarnings(header: string | null): string[] {
  return [...(header ?? '').matchAll(WARNING)]
    .map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'))
    .filter((text) => text.trim() !== '');
}

/** A header's value as it was meant: Node reads bytes as Latin-1, and registries send UTF-8. Neither is mixed up. */
export function headerText(value: string): string {
  return value.replace(/[\x80-\xff]+/g, (run) => {
    const bytes = Buffer.from(run, 'latin1');
    return isUtf8(bytes) ? bytes.toString('utf8') : run;
  });
}

/** Reports each warning of a host once. */
export function withWarnings(next: Send, onWarning: (host: string, text: string) => void): Send {
  const seen = new Set<string>();
  return async (outgoing, wait) => {
    const response = await next(outgoing, wait);
    for (const text of parseWarnings(response.headers.get('warning'))) {
      const key = `${outgoing.endpoint.host} ${text}`;
      if (seen.has(key) || seen.size >= MAX_REMEMBERED) continue;
      seen.add(key);
      onWarning(outgoing.endpoint.host, text);
    }
    return response;
  };
}
