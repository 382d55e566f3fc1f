import { Readable } from 'node:stream';
import type { Send } from './outgoing';
import { readStart } from './readCapped';
import type { SentSecrets } from './sentSecrets';
import type { ResponseHeaders, TransportResponse } from './transport';
import { headerText } from './warnings';

/** What of a failure's body is read. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024;

/**
 * Takes the secrets that were sent out of what is shown of an answer: its `Warning` headers and, when it is a failure,
 * its body (of which at most 64 KiB are kept).
 */
export function withoutSecrets(next: Send, sent: SentSecrets): Send {
  return async (outgoing, wait) => {
    sent.noteAll(outgoing);
    return scrubbed(await next(outgoing, wait), sent);
  };
}

function scrubbed(response: TransportResponse, sent: SentSecrets): TransportResponse {
  const { status, headers, body } = response;
  return {
    ...response,
    headers: headers.get('warning') === null ? headers : withScrubbedWarning(headers, sent),
    body: status < 400 ? body : new ScrubbedBody(body, sent),
  };
}

function withScrubbedWarning(headers: ResponseHeaders, sent: SentSecrets): ResponseHeaders {
  return {
    get(name) {
      const value = headers.get(name);
      return value !== null && name.toLowerCase() === 'warning' ? sent.scrub(headerText(value)) : value;
    },
  };
}

/** Reads nothing before it is read. */
class ScrubbedBody extends Readable {
  private started = false;

  constructor(
    private readonly source: Readable,
    private readonly sent: SentSecrets,
  ) {
    super();
  }

  override _read(): void {
    if (this.started) return;
    this.started = true;
    void readStart(this.source, MAX_ERROR_BODY_BYTES).then((bytes) => {
      this.push(this.sent.scrub(bytes.toString('utf8')));
      this.push(null);
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.source.destroy();
    done(error);
  }
}
