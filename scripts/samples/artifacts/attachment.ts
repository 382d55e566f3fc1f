/** What is attached to an image: one document with its type. */
export interface Attachment {
  readonly artifactType: string;
  readonly content: string;
  readonly annotations: Readonly<Record<string, string>>;
}
