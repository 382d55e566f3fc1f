/** A file or folder to push, as the form edits it. */
export interface FormFile {
  /** As a push definition has it; the form does not change it. */
  readonly path: string;
  readonly title: string;
  /** Empty for the default. */
  readonly mediaType: string;
  /** What the form has no place for and keeps. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An annotation; a row without a key and a value does not count. */
export interface FormPair {
  readonly key: string;
  readonly value: string;
}

/** Fields that hold one text; empty for what is not given. */
export interface FormTexts {
  /** `registry/repository` or `layout:/folder`. */
  readonly repository: string;
  /** Separated by commas. */
  readonly tags: string;
  readonly artifactType: string;
  readonly configPath: string;
  readonly configType: string;
  readonly annotationFile: string;
  /** `v1.1`, `v1.0` or empty. */
  readonly imageSpec: string;
  readonly artifactPlatform: string;
  readonly created: string;
  readonly ignoreFile: string;
  /** Separated by commas. */
  readonly mountFrom: string;
  readonly exportManifest: string;
}

export interface FormFlags {
  readonly keepModes: boolean;
  readonly gitStamp: boolean;
  readonly force: boolean;
}

/** Everything that the form holds. The page edits it, the panel keeps the newest for when the page is made again. */
export interface PushForm extends FormTexts, FormFlags {
  readonly files: readonly FormFile[];
  readonly annotations: readonly FormPair[];
  readonly configAnnotations: readonly FormPair[];
}

/** What is on disk. Sizes are texts such as `12.3 kB`. */
export interface FileFacts {
  readonly isFolder: boolean;
  /** Empty where it is not known. */
  readonly size: string;
  /** The media type that counts where none is given. */
  readonly defaultType: string;
  /** One that fits the name better. */
  readonly guessedType?: string;
}

/** What the form can do here. */
export interface FormOffers {
  /** Why git cannot be asked; empty when it can. */
  readonly gitStampProblem: string;
  readonly canSave: boolean;
}

/** A field whose value can come from elsewhere: from a dialog, and the time from the clock. */
export type ChosenField =
  'repository' | 'artifactType' | 'configPath' | 'annotationFile' | 'exportManifest' | 'created';

/** What a push would send now; sizes are texts. */
export interface ShownPreview {
  readonly digest: string;
  /** The manifest as indented JSON. */
  readonly manifest: string;
  readonly manifestSize: string;
  readonly contentSize: string;
  /** Of each file, in their order. */
  readonly layerSizes: readonly string[];
  /** The command line of `oras`; empty while the destination is missing. */
  readonly command: string;
  /** What that command line does not do, as a sentence or empty. */
  readonly beyond: string;
}

/** From the panel to its page. `revision` says which change of the form is answered. */
export type ToPage =
  | {
      readonly type: 'form';
      readonly form: PushForm;
      /** The last change that the panel knows of. */
      readonly revision: number;
      readonly offers: FormOffers;
      readonly facts: Readonly<Record<string, FileFacts>>;
    }
  | { readonly type: 'offers'; readonly offers: FormOffers }
  | {
      readonly type: 'files';
      readonly files: readonly FormFile[];
      readonly facts: Readonly<Record<string, FileFacts>>;
    }
  | { readonly type: 'chosen'; readonly field: ChosenField; readonly value: string }
  | {
      readonly type: 'checked';
      readonly revision: number;
      /** A sentence for each field that cannot be used: `repository`, `files.0.title` … */
      readonly problems: Readonly<Record<string, string>>;
      /** False when a preview has to wait until fields are right. */
      readonly isReadable: boolean;
    }
  | { readonly type: 'reading'; readonly revision: number; readonly message: string }
  | { readonly type: 'preview'; readonly revision: number; readonly preview: ShownPreview }
  | { readonly type: 'previewFailed'; readonly revision: number; readonly message: string }
  | { readonly type: 'pushing'; readonly to: string }
  | { readonly type: 'pushed'; readonly message: string; readonly reference: string }
  | { readonly type: 'notPushed'; readonly message: string };

/** From the page to its panel. */
export type FromPage =
  | { readonly type: 'ready' }
  | { readonly type: 'changed'; readonly revision: number; readonly form: PushForm }
  | { readonly type: 'addFiles'; readonly folders: boolean }
  | { readonly type: 'choose'; readonly field: ChosenField }
  | { readonly type: 'push' }
  | { readonly type: 'save' }
  | { readonly type: 'copy'; readonly text: string };
