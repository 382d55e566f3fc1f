import { boundedMessage } from '../oci/boundedText';

/** The error codes of the spec, and distribution's `UNKNOWN` for a failure of the server itself. */
export type SpecErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'UNKNOWN';

/** What goes with a refusal besides code and message. */
export interface SpecErrorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Unstructured; shown to the client. */
  readonly detail?: unknown;
}

/** A refusal on its way to the client: status, and body in the spec's form. Spec: distribution-spec v1.1.1, "Error Codes". */
export class SpecError extends Error {
  constructor(
    readonly status: number,
    readonly code: SpecErrorCode,
    message: string,
    readonly options: SpecErrorOptions = {},
  ) {
    super(boundedMessage(message));
  }

  /** The body as JSON. */
  body(): string {
    const { detail } = this.options;
    return JSON.stringify({
      errors: [{ code: this.code, message: this.message, ...(detail !== undefined && { detail }) }],
    });
  }
}
