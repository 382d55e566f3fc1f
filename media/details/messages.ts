/** What the details page shows; all text comes from a registry and is hostile. Sizes are texts such as `12.3 kB`. */
export interface DetailsContent {
  readonly reference: string;
  /** `Helm chart`, `Container image` …; empty when there is no common word. */
  readonly kindName: string;
  readonly properties: readonly Property[];
  readonly annotations: readonly Property[];
  readonly platforms: readonly ManifestRow[];
  readonly layers: readonly LayerRow[];
}

export interface Property {
  readonly name: string;
  readonly value: string;
}

export interface LayerRow {
  readonly title: string;
  readonly mediaType: string;
  readonly size: string;
  readonly digest: string;
}

export interface ManifestRow {
  readonly name: string;
  readonly type: string;
  readonly size: string;
  readonly digest: string;
}

/** From the panel to its page. */
export type ToPage =
  | { readonly type: 'content'; readonly content: DetailsContent }
  | { readonly type: 'referrers'; readonly rows: readonly ManifestRow[]; readonly more: boolean }
  | { readonly type: 'referrersFailed'; readonly rows: readonly ManifestRow[]; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

/** From the page to its panel. */
export type FromPage =
  | { readonly type: 'ready' }
  | { readonly type: 'retry' }
  | { readonly type: 'pull' }
  | { readonly type: 'openManifest' }
  | { readonly type: 'copyDigestReference' }
  | { readonly type: 'openDigest'; readonly digest: string };
